import { randomUUID } from "node:crypto";
import { eventCatalogue } from "../packages/server/src/domain/event-catalogue.ts";

export const eventType = "sync.completed";

// Enough that no two requests close to each other are the same; few enough to stay in the caches.
const requestCount = 256;

/** Whole HTTP requests, each posting one realistic `sync.completed` of about half a kilobyte. */
export function eventRequests(adminKey: string): Uint8Array[] {
  return Array.from({ length: requestCount }, () => {
    const body = JSON.stringify({ event_type: eventType, payload: payload() });
    const head = [
      "POST /v1/events HTTP/1.1",
      "host: 127.0.0.1",
      `authorization: Bearer ${adminKey}`,
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
  });
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
