/** The fields that body parsers set on a request. */
export interface ParsedBody {
  /** The parsed body, if a body parser ran. */
  readonly body?: unknown;
  /** The raw bytes or text, if a parser or a platform keeps them next to the parsed body. */
  readonly rawBody?: unknown;
}

/** The body that a raw or text parser kept; null if the stream has to be read. */
export function keptBody({ rawBody, body }: ParsedBody): Uint8Array | null {
  for (const kept of [rawBody, body]) {
    if (kept instanceof Uint8Array) return kept;
    if (typeof kept === "string") return new TextEncoder().encode(kept);
  }
  return null;
}

export const unreadableAdvice =
  "A body parser has read this request already, so the signed bytes are lost. Register the webhook route before the " +
  'parser, such as express.json(), or let a raw parser read this route, such as express.raw({ type: "*/*" }).';
