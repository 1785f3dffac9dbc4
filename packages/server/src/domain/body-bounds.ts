import type { JsonBounds } from "./json-bounds.ts";
import { limits } from "./limits.ts";

const kibibyte = 1024;

/** The bounds of a request body. */
export interface BodyBounds extends JsonBounds {
  readonly bytesMax: number;
}

/**
 * Bounds of request bodies, by kind of route. They are checked on the raw bytes, before anything is parsed. A string is
 * measured as written: with escapes it can be six times as long as its value.
 */
export const bodyBounds = {
  /** For routes without a body. Clients may send an empty object. */
  none: { bytesMax: kibibyte, depthMax: 2, itemsMax: 16, stringBytesMax: kibibyte },
  /** For a key that begins a session. */
  key: { bytesMax: 8 * kibibyte, depthMax: 4, itemsMax: 32, stringBytesMax: 8 * kibibyte },
  /** For objects with few fields. */
  fields: { bytesMax: 64 * kibibyte, depthMax: 8, itemsMax: 1_000, stringBytesMax: 32 * kibibyte },
  /** For settings: filters, headers, a source's configuration. */
  settings: { bytesMax: 512 * kibibyte, depthMax: 64, itemsMax: 10_000, stringBytesMax: 384 * kibibyte },
  /** For requests of agents: the arguments of a tool, or of a subscription to events. */
  agents: { bytesMax: 128 * kibibyte, depthMax: 24, itemsMax: 2_000, stringBytesMax: 64 * kibibyte },
  /** For the schemas of one event type. */
  schemas: { bytesMax: 1_024 * kibibyte, depthMax: 128, itemsMax: 50_000, stringBytesMax: 64 * kibibyte },
  /** For an OpenAPI document, as JSON or as text. */
  document: {
    bytesMax: limits.requestBodyBytesMax,
    depthMax: 128,
    itemsMax: 100_000,
    stringBytesMax: limits.requestBodyBytesMax,
  },
  /** For texts that programs report, such as the responses that a listener received. */
  texts: {
    bytesMax: limits.requestBodyBytesMax,
    depthMax: 8,
    itemsMax: 4_000,
    stringBytesMax: limits.requestBodyBytesMax,
  },
  /** For events with their payloads. */
  events: {
    bytesMax: limits.requestBodyBytesMax,
    depthMax: 512,
    itemsMax: 100_000,
    stringBytesMax: limits.requestBodyBytesMax,
  },
} as const satisfies Record<string, BodyBounds>;
