import { z } from "zod";
import { isKept, unkeptText } from "../domain/kept-text.ts";

/** Text that every database and connection stores unchanged. Every text of a request that becomes a column uses it. */
export const keptText = z.string().refine(isKept, { error: unkeptText });
