/** The progress of sealing texts again: column by column, in the order of their keys. Opaque to callers. */
export interface SealingPosition {
  readonly column: number;
  readonly after: readonly (string | number | null)[] | null;
}

export interface SealingStep {
  /** Where the next step continues; null if everything was examined. */
  readonly next: SealingPosition | null;
  readonly sealed: number;
  /** Texts that none of the keys opens. They stay unchanged. */
  readonly unreadable: number;
}

/**
 * `ended`: everything is sealed with this program's key, and other keys are refused from now on. `left`: some texts are
 * not. `nodes`: some nodes still seal with another key.
 */
export type SealingEnd = "ended" | "left" | "nodes";

/**
 * The rotation of the master key: texts that are sealed with another key are sealed again with the key of this program,
 * in steps.
 */
export interface SealingStore {
  /**
   * Returns whether texts are, or may still be, sealed with another key than this program's, and this program's key is
   * the newest. Programs that have both keys so agree on which is the new one.
   */
  isSealingDue(params: Record<never, never>): Promise<boolean>;
  /** Makes this program's key the newest. */
  aimSealing(params: { now: number }): Promise<null>;
  /** Seals at most `limit` texts again, from a position on; null starts at the beginning. */
  sealAnew(params: { position: SealingPosition | null; limit: number }): Promise<SealingStep>;
  /** Refuses the other keys from now on, if nothing needs them any more. */
  endSealing(params: { now: number }): Promise<SealingEnd>;
}
