import { z } from "zod";
import { limits } from "../../domain/limits.ts";
import type { ShownMismatch } from "../../store/deliveries/interface.ts";

export const differingFilter = z
  .object({
    path: z.string(),
    value: z
      .string()
      .nullable()
      .describe("The JSON text of the payload's value, truncated if it is long; null when the payload has none."),
    wanted: z.string().describe("The JSON text of the values that match, truncated if it is long."),
  })
  .nullable()
  .describe("The first field of the subscription's filters that does not match.");

export function filterOf(mismatch: ShownMismatch): z.input<typeof differingFilter> {
  if (mismatch.kind !== "filter") return null;
  const { field, value, wanted } = mismatch;
  return { path: field, value: value === null ? null : shortened(value), wanted: shortened(wanted) };
}

function shortened(text: string): string {
  const { filterShownLengthMax } = limits;
  return text.length <= filterShownLengthMax ? text : `${text.slice(0, filterShownLengthMax).toWellFormed()}…`;
}
