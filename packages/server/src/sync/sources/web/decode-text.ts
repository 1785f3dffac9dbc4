export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/**
 * Decodes a page's bytes with the encoding that browsers would detect: a byte order mark, the response's header, the page's own
 * declaration, else UTF-8 or the previous default. Bytes that are invalid in this encoding are rejected.
 */
export function decodeText(
  bytes: Buffer,
  { contentType, isHtml }: { contentType: string; isHtml: boolean },
): DecodedText {
  const named = markedEncoding(bytes) ?? charsetIn(contentType) ?? (isHtml ? charsetWithin(bytes) : null);
  const decoder = named === null ? null : decoderFor(named);
  if (decoder !== null) {
    const text = decoded(decoder, bytes);
    if (text !== null) return { ok: true, text };
    return { ok: false, reason: `The page is not valid ${decoder.encoding}, its declared encoding.` };
  }
  const text =
    decoded(new TextDecoder("utf-8", { fatal: true }), bytes) ?? new TextDecoder("windows-1252").decode(bytes);
  return { ok: true, text };
}

function markedEncoding(bytes: Buffer): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : null;
}

function charsetIn(contentType: string): string | null {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1] ?? null;
}

const saidWithin = 1_024;

function charsetWithin(bytes: Buffer): string | null {
  const beginning = bytes.toString("latin1", 0, saidWithin);
  const said = /<meta\s[^>]{0,500}?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(beginning)?.[1] ?? null;
  // A declaration that can be read as ASCII is not in UTF-16.
  return said !== null && /^utf-16/i.test(said) ? "utf-8" : said;
}

/** Null for the name of an unknown encoding, which is ignored. */
function decoderFor(name: string): InstanceType<typeof TextDecoder> | null {
  try {
    return new TextDecoder(name, { fatal: true });
  } catch {
    return null;
  }
}

function decoded(decoder: InstanceType<typeof TextDecoder>, bytes: Buffer): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
