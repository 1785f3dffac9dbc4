import { createHash, hash } from "node:crypto";
import type { Caller } from "../auth/caller.ts";
import type { Clock } from "../domain/clock.ts";
import { ApiError } from "../domain/errors.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { idempotencyConflict } from "../intake/intake.ts";
import type { IdempotentStart } from "../store/idempotency/interface.ts";
import type { Store } from "../store/store.ts";

export interface StoredResponse {
  readonly status: number;
  readonly body: string;
}

/**
 * Derives the key of a record from the header. The record belongs to the caller's credential, so that another credential can
 * neither see nor block it. Throws a 400 when the header is empty or too long.
 */
export function idempotencyKeyIn(header: string | string[] | undefined, caller: Caller): string | null {
  if (header === undefined) return null;
  const key = String(header);
  if (key.length === 0 || key.length > limits.idempotencyKeyLengthMax) {
    throw new ApiError("bad_request", `An Idempotency-Key has 1 to ${limits.idempotencyKeyLengthMax} characters.`);
  }
  return hash("sha256", `${credentialOf(caller)}\n${key}`, "hex");
}

/** Identifies the caller's credential. The name of an API key survives rotations and is equal on every node. */
function credentialOf({ actor, session }: Caller): string {
  return `${actor.kind} ${session?.name ?? actor.id ?? ""}`;
}

export function requestHash(method: string, path: string, bodyText: string): string {
  return createHash("sha256").update(`${method} ${path}\n`).update(bodyText).digest("base64");
}

const waitMs = 100;
const waitsMax = 100;
const never = new AbortController().signal;

// A client whose connection broke retries while its first request is still running, and waits for that response.
async function begin(
  store: Pick<Store, "beginIdempotent">,
  { organizationId, key, requestHash, clock }: OnceRequest,
): Promise<IdempotentStart> {
  const now = clock.now();
  for (let wait = 0; ; wait++) {
    const start = await store.beginIdempotent({ organizationId, key, requestHash, now, createdAt: now });
    if (start.kind !== "in_progress" || wait === waitsMax) return start;
    await clock.sleep(waitMs, never);
  }
}

/** A request that is executed once for its key. */
export interface OnceRequest {
  readonly organizationId: OrganizationId;
  readonly key: string;
  readonly requestHash: string;
  readonly clock: Clock;
  /** Whether the response contains a secret, so that it is not stored and the request cannot be replayed. */
  readonly holdsSecret: boolean;
  /** Called with the status before the caller receives the response of an earlier request. */
  readonly onReplay: (status: number) => Promise<void>;
}

/**
 * Executes a request once. A repeated request with the same key receives the first response again, or a 409 if it contained a
 * secret. A different request with the same key receives a 409.
 */
export async function runOnce<ReplayedResponse extends StoredResponse>(
  store: Pick<Store, "beginIdempotent" | "finishIdempotent">,
  request: OnceRequest,
  run: () => Promise<ReplayedResponse>,
): Promise<ReplayedResponse | StoredResponse> {
  const { organizationId, key, holdsSecret } = request;
  const start = await begin(store, request);
  switch (start.kind) {
    case "answered":
      await request.onReplay(start.status);
      if (holdsSecret) throw secretNotKept();
      return { status: start.status, body: start.body };
    case "conflict":
      throw idempotencyConflict();
    case "in_progress":
      throw new ApiError(
        "idempotency_in_progress",
        "The first request with this Idempotency-Key is still in progress. Try again.",
      );
    case "begun":
      break;
  }
  try {
    const response = await run();
    const kept = { status: response.status, body: holdsSecret ? "" : response.body };
    await store.finishIdempotent({ organizationId, key, response: kept });
    return response;
  } catch (error) {
    // A failed request may be retried with its key.
    await store.finishIdempotent({ organizationId, key, response: null });
    throw error;
  }
}

function secretNotKept(): ApiError {
  return new ApiError(
    "idempotency_secret",
    "The request with this Idempotency-Key was processed, and its response contained a secret, which is not stored. " +
      "Read the secret from its own route, or repeat the request with a new key.",
  );
}
