import type { ProcessMessage } from "./application.ts";

/** The outcomes that the parent process knows. Only the database knows how an interrupted transaction ended. */
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
