import { administration } from "./administration.ts";
import { common } from "./common.ts";
import { eventTypes } from "./event-types.ts";
import { frame } from "./frame.ts";
import { logIn } from "./log-in.ts";
import { messages } from "./messages.ts";
import { onboarding } from "./onboarding.ts";
import { overview } from "./overview.ts";
import { producers } from "./producers.ts";
import { recoveries } from "./recoveries.ts";
import { subscriptions } from "./subscriptions.ts";
import { terms } from "./terms.ts";
import { times } from "./times.ts";

/** Every text of the console. */
export const consoleTexts = {
  product: "Weft",
  administration,
  common,
  eventTypes,
  frame,
  logIn,
  messages,
  onboarding,
  overview,
  producers,
  recoveries,
  subscriptions,
  terms,
  times,
} as const;

/** The shape of the texts. A translation is another object of this shape. */
export type Texts = Widened<typeof consoleTexts>;

type Widened<Value> = Value extends string
  ? string
  : Value extends (...given: infer Given) => string
    ? (...given: Given) => string
    : { readonly [Key in keyof Value]: Widened<Value[Key]> };
