// What the store's threads say to each other.

import type { ClaimedDelivery } from "../../domain/delivery.ts";
import type { SubscriptionId } from "../../domain/id.ts";
import type { CommandName, QuestionName } from "./operations.ts";
import type { Room } from "./transaction.ts";

export interface ThreadSettings {
  readonly role: "writer" | "reader";
  readonly path: string;
  readonly masterKey: string;
}

/** Commands that share one commit, in order. */
export interface Batch {
  readonly room: Room | null;
  readonly commands: readonly { readonly name: CommandName; readonly params: unknown }[];
}

export interface BatchAnswer {
  /** One for each command. */
  readonly results: readonly Outcome[];
  readonly claimed: readonly ClaimedDelivery[];
  readonly spilled: readonly SubscriptionId[];
  readonly changed: readonly SubscriptionId[];
}

export interface Ask {
  readonly id: number;
  readonly name: QuestionName;
  readonly params: unknown;
}

export interface AskAnswer {
  readonly id: number;
  readonly outcome: Outcome;
}

export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  /** `unavailable`: the commit failed for a reason outside the command, such as a full disk. */
  | { readonly ok: false; readonly unavailable: boolean; readonly error: unknown };
