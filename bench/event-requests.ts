import { randomUUID } from "node:crypto";
import { eventCatalogue } from "../packages/server/src/domain/event-catalogue.ts";

export const eventType = "sync.completed";
/** No benchmark publishes it. */
export const unusedEventType = "collection.updated";

/** A complete HTTP request that posts one event, and its receivers. */
export interface EventRequest {
  readonly bytes: Uint8Array;
  /** Hooks of the receiver, by number. */
  readonly hooks: readonly number[];
}

interface RequestOptions {
  /** An API key to the organization that publishes. */
  readonly key: string;
  readonly hooks: readonly number[];
  /** The minimum; the example itself has about half a kilobyte. */
  readonly payloadBytes?: number;
  readonly count?: number;
}

// Enough that no two nearby requests are equal; few enough to stay in the caches.
const requestCount = 256;

/** Requests to post in turn, each with one realistic `sync.completed`. */
export function eventRequests({ key, hooks, payloadBytes = 0, count = requestCount }: RequestOptions): EventRequest[] {
  return Array.from({ length: count }, () => {
    const body = `{"event_type":"${eventType}","payload":${payloadText(payloadBytes)}}`;
    const head = [
      "POST /v1/events HTTP/1.1",
      "host: 127.0.0.1",
      `authorization: Bearer ${key}`,
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    return { bytes: Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`), hooks };
  });
}

const textKey = ',"text":""';

/** A payload as JSON of at least this number of bytes, all of them ASCII. */
export function payloadText(bytesMin = 0): string {
  const text = JSON.stringify(payload());
  if (text.length >= bytesMin) return text;
  const missing = Math.max(0, bytesMin - text.length - textKey.length);
  return `${text.slice(0, -1)}${textKey.slice(0, -1)}${"Lorem ipsum. ".repeat(missing / 13 + 1).slice(0, missing)}"}`;
}

function payload(): Record<string, unknown> {
  const example = eventCatalogue.find(({ name }) => name === eventType)?.example;
  if (example === undefined) throw new Error(`The catalogue lacks ${eventType}.`);
  const jobId = randomUUID();
  return {
    ...example,
    sync_id: randomUUID(),
    sync_job_id: jobId,
    job_id: jobId,
    source_connection_id: randomUUID(),
    timestamp: new Date().toISOString(),
  };
}
