/** A sentence in which backticks mark code, as descriptions of fields and event types write it. */
export function Prose({ text }: { text: string }) {
  const parts = text.split("`");
  // Backticks without a partner are shown as they are.
  if (parts.length % 2 === 0) return text;
  return parts.map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other key
    index % 2 === 0 ? part : <code key={index}>{part}</code>,
  );
}
