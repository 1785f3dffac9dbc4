import { administration } from "./administration.ts";
import { common } from "./common.ts";
import { eventTypes } from "./event-types.ts";
import { frame } from "./frame.ts";
import { logIn } from "./log-in.ts";
import { messages } from "./messages.ts";
import { overview } from "./overview.ts";
import { producers } from "./producers.ts";
import { recoveries } from "./recoveries.ts";
import { subscriptions } from "./subscriptions.ts";
import { times } from "./times.ts";

/** Every text of the console. A translation is another object of this shape. */
export const texts = {
  product: "Weft",
  administration,
  common,
  eventTypes,
  frame,
  logIn,
  messages,
  overview,
  producers,
  recoveries,
  subscriptions,
  times,
} as const;
