// What the store's threads say to each other. The writer takes batches, a reader questions; the disk is asked to sync.

import type { OperationName, Outcome } from "../batch.ts";
import type { MasterKeys } from "../vault.ts";

export interface ThreadSettings {
  readonly role: "writer" | "reader" | "disk";
  readonly path: string;
  readonly masterKeys: MasterKeys;
}

export interface Ask {
  readonly id: number;
  readonly name: OperationName;
  readonly params: unknown;
}

export interface AskAnswer {
  readonly id: number;
  readonly outcome: Outcome;
}
