/** Events that applications published in their own transactions on this database, and that wait to become messages. */
export interface OutboxStore {
  /** Returns whether anything waits. It is called often and costs almost nothing. */
  outboxWaits(params: Record<never, never>): Promise<boolean>;
  /**
   * Turns at most `limit` events of the outbox, oldest first, into messages in one commit, as `acceptMessages` would,
   * each with the id and the time that its publisher got. Events that another node is taking are skipped. Returns how
   * many were taken.
   */
  takeOutbox(params: { limit: number }): Promise<number>;
}
