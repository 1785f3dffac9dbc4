import { hash } from "node:crypto";
import { type IdGenerator, RandomIdGenerator } from "@opentelemetry/sdk-trace";

/**
 * The id of a span that follows from the ids of its subject. Every node therefore knows the ids of earlier attempts, also after
 * a crash, without storing them: docs/decisions/0029.
 */
export function spanIdOf(...subject: readonly (string | number)[]): string {
  return hash("sha256", subject.join(" "), "hex").slice(0, 16);
}

/** The id of the trace of a message or a job that belongs to no other trace: its own id. */
export function traceIdOf(id: string): string {
  return id.replaceAll("-", "");
}

/** Generates random ids, except for spans whose ids are chosen. */
export class SpanIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #traceId: string | null = null;
  #spanId: string | null = null;

  /** Calls `start`, which starts one span with these ids. A span with a parent keeps the trace of its parent. */
  choose<Started>(ids: { traceId: string | null; spanId: string | null }, start: () => Started): Started {
    this.#traceId = ids.traceId;
    this.#spanId = ids.spanId;
    try {
      return start();
    } finally {
      this.#traceId = null;
      this.#spanId = null;
    }
  }

  generateTraceId(): string {
    return this.#traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#spanId ?? this.#random.generateSpanId();
  }
}
