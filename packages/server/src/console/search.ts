// The known query parameters of an address. Others are ignored, and are never an error.

/**
 * The text of a parameter, if there is one. The router parses numbers and the like in addresses; here they are texts.
 */
export function optionalText<Name extends string>(
  search: Record<string, unknown>,
  name: Name,
): { [Key in Name]?: string } {
  const value = search[name];
  const isText = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return (isText && value !== "" ? { [name]: String(value) } : {}) as { [Key in Name]?: string };
}

/** The texts of a repeated parameter, if there are any. */
export function optionalTexts<Name extends string>(
  search: Record<string, unknown>,
  name: Name,
): { [Key in Name]?: string[] } {
  const value = search[name];
  const given = (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string" && item !== "");
  return (given.length > 0 ? { [name]: given } : {}) as { [Key in Name]?: string[] };
}
