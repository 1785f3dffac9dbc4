import type { OrganizationId } from "../../domain/id.ts";

/** Idempotency keys of requests. */
export interface IdempotencyStore {
  /** Takes an idempotency key for a request that is about to run, or says why not. */
  beginIdempotent(params: IdempotentRequest & { now: number }): Promise<IdempotentStart>;
  /** Keeps the answer, so that the same request gets it again. A null answer frees the key (the request failed). */
  finishIdempotent(params: {
    organizationId: OrganizationId;
    key: string;
    answer: { status: number; body: string } | null;
  }): Promise<null>;
  deleteIdempotencyBefore(params: { before: number; limit: number }): Promise<number>;
}

export interface IdempotentRequest {
  readonly organizationId: OrganizationId;
  readonly key: string;
  /** Hash over method, path and body. */
  readonly requestHash: string;
  readonly createdAt: number;
}

export type IdempotentStart =
  | { readonly kind: "begun" }
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  | { readonly kind: "in_progress" }
  | { readonly kind: "conflict" };
