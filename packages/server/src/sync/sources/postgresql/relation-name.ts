/** A table's name in its schema, exactly as in the database. */
export interface RelationName {
  readonly schema: string;
  readonly name: string;
}

const part = /(?:"((?:[^"\p{Cc}]|"")+)"|([^".\p{Cc}]+))/u;
const qualified = new RegExp(`^(?:${part.source}\\.)?${part.source}$`, "u");

/**
 * Parses `table`, `schema.table`, or the same with quotes around a part that contains a dot or a quote. Names are
 * case-sensitive. Null when it is invalid; the default schema is `public`.
 */
export function parseRelationName(text: string): RelationName | null {
  const found = qualified.exec(text);
  if (found === null) return null;
  const [, quotedSchema, schema, quotedName, name] = found;
  return {
    schema: quotedSchema?.replaceAll('""', '"') ?? schema ?? "public",
    name: quotedName?.replaceAll('""', '"') ?? name ?? "",
  };
}
