import { z } from "zod";
import { isKept, unkeptText } from "../domain/kept-text.ts";

/** Text that every database and every connection keeps as it is. Each text of a request that becomes a column is one. */
export const keptText = z.string().refine(isKept, { error: unkeptText });
