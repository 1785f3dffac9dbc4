import { z } from "zod";
import { validationFailed } from "../../domain/errors.ts";
import { type FiltersText, filtersText } from "../../domain/filters.ts";
import { memberText } from "../../domain/json-text.ts";
import { limits } from "../../domain/limits.ts";
import { mapOf } from "../../http/caller-objects.ts";
import { keptText } from "../../http/kept-text.ts";

// JSON.parse reads 1e400 as infinity, but a filter uses the number's text.
const number = z.preprocess((value) => (Math.abs(Number(value)) === Infinity ? Number.MAX_VALUE : value), z.number());
const filterValue = z.union([keptText.max(limits.filterValueLengthMax), number, z.boolean(), z.null()]);

/** Validates filters. `filtersIn` extracts them from the text of the body. */
export const filtersRequest = mapOf(z.union([filterValue, z.array(filterValue).min(1).max(limits.filterValuesMax)]), {
  keysMax: limits.filterFieldsMax,
  key: keptText.min(1).max(limits.nameLengthMax),
})
  .nullable()
  .describe(
    "Payload field → the accepted value or values. A message matches when every field matches. Numbers are compared by their exact decimal value. Null also matches an absent field, and nothing matches an object or a list.",
  );

/** The filters in a member of a validated body; undefined where the body does not set them. Null means no filters. */
export function filtersIn(bodyText: string, member = "filters"): FiltersText | null | undefined {
  const given = memberText(bodyText, member);
  if (given === null) return undefined;
  const filters = given === "null" ? "{}" : filtersText(given);
  if (typeof filters === "string") return filters === "{}" ? null : filters;
  const { field, index } = filters;
  const loc = ["body", member, field, ...(index === null ? [] : [index])];
  throw validationFailed([{ loc, msg: unfitNumber, type: "number_too_long" }]);
}

const unfitNumber = `A number of a filter has at most ${limits.filterValueLengthMax} digits and an exponent of at most ${limits.filterExponentMax}.`;
