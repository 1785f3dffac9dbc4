import type { UnreachableReason } from "./attempt.ts";

/** Names are in lower case. A repeated header has a list of values. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The result of one request. It is never an exception, because a receiver's refusal is data. `durationMs` is whole
 * milliseconds.
 */
export type Exchange =
  | {
      kind: "answered";
      status: number;
      headers: ResponseHeaders;
      /** Valid UTF-8 without NUL, bounded by the sender. */
      body: string;
      /** Why `body` is incomplete: it was longer than the limit, or the connection ended early. */
      truncated: "too_large" | "closed" | null;
      durationMs: number;
    }
  | {
      kind: "unanswered";
      reason: UnreachableReason;
      /** One sentence for the receiver's developer. It never contains an address. */
      detail: string;
      durationMs: number;
    };

/** The first value of a response header; null when the response has no such header. */
export function headerOf(headers: ResponseHeaders, name: string): string | null {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return (typeof value === "string" ? value : value?.[0]) ?? null;
}
