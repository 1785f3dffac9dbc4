import { isDeepStrictEqual } from "node:util";
import { CommandError } from "../failure.ts";
import { type ExistingObject, kinds, managerOf, pathOf, type WantedObject } from "./managed-objects.ts";

export interface FieldChange {
  readonly field: string;
  /** Null for values that are not shown. */
  readonly shown: { readonly before: unknown; readonly after: unknown } | null;
}

export type Change =
  | { readonly action: "create"; readonly wanted: WantedObject }
  | {
      readonly action: "change";
      readonly wanted: WantedObject;
      readonly existing: ExistingObject;
      readonly fields: readonly FieldChange[];
    }
  | { readonly action: "delete"; readonly existing: ExistingObject };

export interface Plan {
  readonly changes: readonly Change[];
  /** The number of objects that need no change. */
  readonly unchanged: number;
}

export interface PlanOptions {
  /** The name of the configuration. */
  readonly manager: string;
  /** Deletes objects that the configuration created and no longer describes. */
  readonly prunes: boolean;
  /** Sends secrets again, although Weft does not show whether they differ. */
  readonly updatesSecrets: boolean;
}

/** The changes that make the existing objects those of a configuration. Throws a CommandError for one that is impossible. */
export function planOf(
  wanted: readonly WantedObject[],
  existing: readonly ExistingObject[],
  options: PlanOptions,
): Plan {
  const changes: Change[] = [];
  const kept = new Set<ExistingObject>();
  for (const one of wanted) {
    const found = existing.find((candidate) => isSame(one, candidate));
    if (found !== undefined) kept.add(found);
    const change = found === undefined ? creationOf(one) : changeOf(one, found, options);
    if (change !== null) changes.push(change);
  }
  const unchanged = wanted.length - changes.length;
  if (!options.prunes) return { changes, unchanged };
  const gone = existing.filter((one) => managerOf(one) === options.manager && !kept.has(one));
  const lastFirst = gone.toSorted((a, b) => kinds.indexOf(b.kind) - kinds.indexOf(a.kind));
  const deletions = lastFirst.map((one): Change => ({ action: "delete", existing: one }));
  return { changes: [...changes, ...deletions], unchanged };
}

function isSame(wanted: WantedObject, existing: ExistingObject): boolean {
  if (wanted.kind !== existing.kind || wanted.organization !== existing.organization) return false;
  return wanted.id === null ? wanted.name === existing.name : wanted.id === existing.id;
}

function creationOf(wanted: WantedObject): Change {
  if (wanted.id === null) return { action: "create", wanted };
  throw new CommandError(1, `The ${pathOf(wanted)} has the id ${wanted.id}, which does not exist. Remove the id.`);
}

function changeOf(
  wanted: WantedObject,
  existing: ExistingObject,
  { manager, updatesSecrets }: PlanOptions,
): Change | null {
  const other = managerOf(existing);
  if (other !== null && other !== manager) {
    throw new CommandError(1, `The ${pathOf(wanted)} belongs to the configuration "${other}". Change it there.`);
  }
  const fields = Object.entries(wanted.fields).flatMap(([field, after]): FieldChange[] => {
    // A signing secret is rotated with an overlap, which a configuration does not describe.
    if (field === "secret") return [];
    if (wanted.secretFields.includes(field)) return updatesSecrets ? [{ field, shown: null }] : [];
    if (field === "headers") return headersDiffer(existing, after, updatesSecrets) ? [{ field, shown: null }] : [];
    const before = existing.fields[field];
    if (isDeepStrictEqual(sorted(field, before), sorted(field, after))) return [];
    return [{ field, shown: { before, after } }];
  });
  requireNotFixed(wanted, fields);
  return fields.length === 0 ? null : { action: "change", wanted, existing, fields };
}

function requireNotFixed(wanted: WantedObject, fields: readonly FieldChange[]): void {
  const fixed = fields.find(({ field }) => wanted.fixedFields.includes(field));
  if (fixed === undefined) return;
  throw new CommandError(
    1,
    `The ${fixed.field} of the ${pathOf(wanted)} cannot be changed. Give the new one another name, or delete the old one first.`,
  );
}

/** Weft shows values that look like credentials as `***`. */
function headersDiffer({ fields }: ExistingObject, wanted: unknown, updatesSecrets: boolean): boolean {
  const before = new Map(Object.entries((fields.headers ?? {}) as Record<string, string>));
  const after = Object.entries(wanted as Record<string, string>);
  if (before.size !== after.length) return true;
  return after.some(([name, value]) => {
    const shown = before.get(name);
    return shown === "***" ? updatesSecrets : shown !== value;
  });
}

/** The order of event types has no meaning. */
function sorted(field: string, value: unknown): unknown {
  return field === "event_types" && Array.isArray(value) ? value.toSorted() : value;
}
