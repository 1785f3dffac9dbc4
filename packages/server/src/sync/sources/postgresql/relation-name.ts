/** A table's name in its schema, exactly as the database has it. */
export interface RelationName {
  readonly schema: string;
  readonly name: string;
}

const part = /(?:"((?:[^"\p{Cc}]|"")+)"|([^".\p{Cc}]+))/u;
const qualified = new RegExp(`^(?:${part.source}\\.)?${part.source}$`, "u");

/**
 * Reads `table`, `schema.table`, or the same with quotes around a part that has a dot or a quote in it. Capitals count.
 * Null when it is neither; without a schema it is one of `public`.
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
