import { z } from "zod";
import { isKept, unkeptText } from "../domain/kept-text.ts";
import { limits } from "../domain/limits.ts";

/** Text that every database and connection stores unchanged. Every text of a request that becomes a column uses it. */
export const keptText = z.string().refine(isKept, { error: unkeptText });

/** A text for people. Characters that terminals do not display are rejected. */
export const shownText = keptText
  .max(limits.descriptionLengthMax)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  .regex(/^[^\u0000-\u0008]*$/, { error: "Control characters are not allowed here." });
