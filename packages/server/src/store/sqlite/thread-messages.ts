// The messages between the store's threads. The writer takes batches and syncs, a reader takes queries, and the disk thread syncs.

import type { Batch, BatchResponse, Outcome } from "../commit/batch.ts";
import type { Params } from "../operations.ts";
import type { MasterKeys } from "../vault.ts";
import type { CommandName, ListName, LookUpName } from "./operations.ts";

export interface ThreadSettings {
  readonly role: "writer" | "reader" | "disk";
  readonly path: string;
  readonly masterKeys: MasterKeys;
}

export type WriterRequest = Batch<CommandName> | "sync";
export type WriterResponse = BatchResponse | Synced;

/** Whether the log is on the disk. */
export interface Synced {
  readonly synced: Outcome;
}

export type QueryName = LookUpName | ListName;

export interface ThreadRequest<Name extends QueryName = QueryName> {
  readonly id: number;
  readonly name: Name;
  readonly params: Params<Name>;
}

export interface QueryResponse {
  readonly id: number;
  readonly outcome: Outcome;
}

/** An outcome that can be sent to another thread: an error or a result that cannot be copied becomes an error that can. */
export function sendable(outcome: Outcome): Outcome {
  try {
    structuredClone(outcome);
    return outcome;
  } catch (error) {
    const cause = outcome.ok ? error : outcome.error;
    const message = cause instanceof Error ? cause.message : String(cause);
    return { ok: false, unavailable: !outcome.ok && outcome.unavailable, error: new Error(message) };
  }
}
