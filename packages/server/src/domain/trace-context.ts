// The trace context of a message, as W3C Trace Context defines it. It is stored as one text: the `traceparent` of version 00,
// and after a space the `tracestate` if there is one.

import { limits } from "./limits.ts";
import { ownProperty } from "./own-property.ts";

/** A trace, and the span that is the parent of the next one. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether the trace is recorded. */
  readonly isSampled: boolean;
  /** The entries of other tracing systems; null without any. */
  readonly state: string | null;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const parentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;
const parentLength = 55;
const key = "(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})";
const statePattern = new RegExp(
  `^(${key})=[\\x20-\\x2b\\x2d-\\x3c\\x3e-\\x7e]{0,255}[\\x21-\\x2b\\x2d-\\x3c\\x3e-\\x7e]$`,
);

/**
 * The stored form of the context in a request's headers; null without a valid one. An invalid `tracestate` is ignored alone, as
 * the standard requires.
 */
export function traceContextIn(headers: Headers): string | null {
  const parent = ownProperty(headers, "traceparent");
  if (typeof parent !== "string") return null;
  const context = parentIn(parent);
  return context === null ? null : traceContextText({ ...context, state: stateIn(ownProperty(headers, "tracestate")) });
}

export function traceContextText({ traceId, spanId, isSampled, state }: TraceContext): string {
  const parent = `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
  return state === null ? parent : `${parent} ${state}`;
}

/** Reads the stored form. */
export function parseTraceContext(text: string): TraceContext {
  return {
    traceId: text.slice(3, 35),
    spanId: text.slice(36, 52),
    isSampled: text.charAt(54) === "1",
    state: text.length > parentLength ? text.slice(parentLength + 1) : null,
  };
}

/** The headers of a stored context: name, value, name, value … */
export function traceHeaders(text: string): string[] {
  const parent = ["traceparent", text.slice(0, parentLength)];
  return text.length > parentLength ? [...parent, "tracestate", text.slice(parentLength + 1)] : parent;
}

function parentIn(text: string): Omit<TraceContext, "state"> | null {
  if (text.length > limits.traceParentLengthMax) return null;
  const [, version = "", traceId = "", spanId = "", flags = ""] = parentPattern.exec(text) ?? [];
  const isKnown = version === "00" ? text.length === parentLength : version !== "" && version !== "ff";
  if (!isKnown || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

function stateIn(given: string | readonly string[] | undefined): string | null {
  const text = typeof given === "string" ? given : (given?.join(",") ?? "");
  if (text === "" || text.length > limits.traceStateLengthMax) return null;
  const entries = text
    .split(",")
    .map((entry) => entry.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((entry) => entry !== "");
  const keys = entries.map((entry) => statePattern.exec(entry)?.[1]);
  const isValid = !keys.includes(undefined) && new Set(keys).size === keys.length;
  return isValid && keys.length > 0 && keys.length <= limits.traceStateEntriesMax ? entries.join(",") : null;
}
