import type { ProcessMessage } from "./application.ts";

/** What the parent process knows of transactions. Of one that was cut off nobody knows how it ended, but the database. */
export class Tally {
  ended = 0;
  cutOff = 0;
  deaths = 0;
  /** By the collection's id. */
  readonly committedAt = new Map<string, number>();

  add({ collectionId, committedAt }: ProcessMessage): void {
    this.ended += 1;
    if (committedAt !== null) this.committedAt.set(collectionId, committedAt);
  }
}
