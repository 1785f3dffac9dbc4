import { z } from "zod";
import { limits } from "../../domain/limits.ts";

/** What names a thing: an event type, a channel, an application's or endpoint's own id. */
export const uid = z
  .string()
  .max(limits.uidLengthMax)
  .regex(/^[a-zA-Z0-9\-_.]+$/, { error: "Only letters, digits, - _ and . are allowed here." });

/** A text for people. Characters that no terminal and no database shows are refused. */
export const shownText = z
  .string()
  .max(limits.descriptionLengthMax)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  .regex(/^[^\u0000-\u0008]*$/, { error: "Control characters are not allowed here." });
