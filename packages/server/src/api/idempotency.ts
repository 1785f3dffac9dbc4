import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../domain/errors.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { idempotencyConflict } from "../intake/intake.ts";
import type { IdempotentStart } from "../store/message-store.ts";
import type { Store } from "../store/store.ts";

export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
}

/** Reads the header. Throws a 400 when it is empty or too long. */
export function idempotencyKeyIn(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  const key = String(header);
  if (key.length === 0 || key.length > limits.idempotencyKeyLengthMax) {
    throw new ApiError("bad_request", `An Idempotency-Key has 1 to ${limits.idempotencyKeyLengthMax} characters.`);
  }
  return key;
}

export function requestHash(method: string, path: string, bodyText: string): string {
  return createHash("sha256").update(`${method} ${path}\n`).update(bodyText).digest("base64");
}

const waitMs = 100;
const waitsMax = 100;

// A client whose connection broke tries again while the first request still runs: its answer is worth waiting for.
async function begin(
  store: Pick<Store, "beginIdempotent">,
  request: { organizationId: OrganizationId; key: string; requestHash: string; now: number },
): Promise<IdempotentStart> {
  for (let wait = 0; ; wait++) {
    const start = await store.beginIdempotent({ ...request, createdAt: request.now });
    if (start.kind !== "in_progress" || wait === waitsMax) return start;
    await sleep(waitMs);
  }
}

/** Runs a request once: the same key and request get the first answer again, another request under the key a 409. */
export async function runOnce(
  store: Pick<Store, "beginIdempotent" | "finishIdempotent">,
  request: { organizationId: OrganizationId; key: string; requestHash: string; now: number },
  run: () => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  const { organizationId, key } = request;
  const start = await begin(store, request);
  switch (start.kind) {
    case "answered":
      return { status: start.status, body: start.body };
    case "conflict":
      throw idempotencyConflict();
    case "in_progress":
      throw new ApiError(
        "idempotency_in_progress",
        "The first request with this Idempotency-Key is still under way. Try again.",
      );
    case "begun":
      break;
  }
  try {
    const answer = await run();
    await store.finishIdempotent({ organizationId, key, answer });
    return answer;
  } catch (error) {
    // A failed request may be tried again under its key.
    await store.finishIdempotent({ organizationId, key, answer: null });
    throw error;
  }
}
