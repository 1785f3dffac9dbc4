// What stands behind the `?` of an address, as far as pages know it. Anything else there is left out, never an error.

/** A text under a name, when there is one. The router reads numbers and the like out of addresses; they are texts here. */
export function optionalText<Name extends string>(
  search: Record<string, unknown>,
  name: Name,
): { [Key in Name]?: string } {
  const value = search[name];
  const isText = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return (isText && value !== "" ? { [name]: String(value) } : {}) as { [Key in Name]?: string };
}

/** Several texts under a name, when there are any. */
export function optionalTexts<Name extends string>(
  search: Record<string, unknown>,
  name: Name,
): { [Key in Name]?: string[] } {
  const value = search[name];
  const given = (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string" && item !== "");
  return (given.length > 0 ? { [name]: given } : {}) as { [Key in Name]?: string[] };
}
