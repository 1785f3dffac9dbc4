import { validationFailed } from "../../domain/errors.ts";
import { matchesPattern } from "../../domain/event-pattern.ts";
import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { EventTypes } from "../../event-types/event-types.ts";

/** Follows the description of a filter by event type. */
export const wildcardsText = "A wildcard such as `sync.*` selects the matching event types of the catalogue.";

/**
 * The names of event types that the filter of a list selects; null for all. Throws a 422 if wildcards match more names than a
 * list can select.
 */
export async function selectedTypes(
  catalogue: Pick<EventTypes, "typesFor">,
  organizationId: OrganizationId,
  given: readonly string[] | undefined,
): Promise<readonly string[] | null> {
  if (given === undefined || given.includes("*")) return null;
  const names = await namesMatching(catalogue, organizationId, given);
  if (names.length <= limits.repeatedMax) return names;
  const msg = `The wildcards match ${names.length} event types, and a list is filtered by at most ${limits.repeatedMax}. Name fewer event types.`;
  throw validationFailed([{ loc: ["query", "event_types"], msg, type: "too_long" }]);
}

/** The exact names among patterns, and the event types of the catalogue that the wildcards match. */
export async function namesMatching(
  catalogue: Pick<EventTypes, "typesFor">,
  organizationId: OrganizationId,
  patterns: readonly string[],
): Promise<string[]> {
  const wildcards = patterns.filter((pattern) => pattern.endsWith(".*"));
  const exact = patterns.filter((pattern) => pattern !== "*" && !pattern.endsWith(".*"));
  const known = wildcards.length === 0 ? [] : await catalogue.typesFor(organizationId);
  const matching = known.filter(({ name }) => wildcards.some((pattern) => matchesPattern(pattern, name)));
  return [...new Set([...exact, ...matching.map(({ name }) => name)])];
}
