import type { OrganizationId } from "../../domain/id.ts";

/** Idempotency keys of requests. `acceptMessages` handles its own key; these are for other requests. */
export interface IdempotencyStore {
  /** Takes an idempotency key for a request that is about to run, or returns why it cannot. */
  beginIdempotent(params: IdempotentRequest & { now: number }): Promise<IdempotentStart>;
  /**
   * Keeps the response, so that a repeated request gets it again. A null `response` frees the key, because the request
   * failed.
   */
  finishIdempotent(params: {
    organizationId: OrganizationId;
    key: string;
    response: { status: number; body: string } | null;
  }): Promise<null>;
  /** Deletes keys from before a time, at most `limit`. Returns how many were deleted. */
  deleteIdempotencyBefore(params: { before: number; limit: number }): Promise<number>;
}

export interface IdempotentRequest {
  readonly organizationId: OrganizationId;
  readonly key: string;
  /** A hash over method, path and body. */
  readonly requestHash: string;
  readonly createdAt: number;
}

export type IdempotentStart =
  | { readonly kind: "begun" }
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  | { readonly kind: "in_progress" }
  | { readonly kind: "conflict" };
