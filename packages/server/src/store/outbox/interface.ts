/** Events that applications published inside transactions of their own, on this database, and that wait to be taken in. */
export interface OutboxStore {
  /** Whether anything waits. Asked often: it costs next to nothing. */
  outboxWaits(params: Record<never, never>): Promise<boolean>;
  /**
   * Takes at most `limit` events out of the outbox, oldest first, and stores them as acceptMessages would, in one commit:
   * each under the id and the time that its publisher was told. What another node is taking at this moment is passed over.
   * Answers how many were taken.
   */
  takeOutbox(params: { limit: number }): Promise<number>;
}
