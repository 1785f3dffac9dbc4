// What the store's threads say to each other. The writer takes batches; a reader takes questions.

import type { OperationName, Outcome } from "../batch.ts";

export interface ThreadSettings {
  readonly role: "writer" | "reader";
  readonly path: string;
  readonly masterKey: string;
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
