/** The event types of an option, such as `sync.*,collection.created`. */
export function readEventTypes(text: string): string[] {
  return text
    .split(",")
    .map((type) => type.trim())
    .filter((type) => type !== "");
}
