/** The order of a list. */
export interface Sorting<Name extends string = string> {
  readonly by: Name;
  readonly descending: boolean;
}

/** The order in an address: a name, with a hyphen before it for the descending order. Null for any other text. */
export function sortingIn<Name extends string>(text: string | undefined, names: readonly Name[]): Sorting<Name> | null {
  const by = names.find((name) => name === text?.replace(/^-/, ""));
  return by === undefined ? null : { by, descending: text?.startsWith("-") === true };
}

export function sortText(sorting: Sorting | null): string | undefined {
  return sorting === null ? undefined : `${sorting.descending ? "-" : ""}${sorting.by}`;
}

/** The order in the form of the API. */
export function sortQuery<Name extends string>(
  sorting: Sorting<Name> | null,
): { sort?: Name; order?: "ascending" | "descending" } {
  return sorting === null ? {} : { sort: sorting.by, order: sorting.descending ? "descending" : "ascending" };
}
