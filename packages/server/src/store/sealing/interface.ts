/** How far texts were sealed anew, column by column, in the order of their keys. Opaque. */
export interface SealingPlace {
  readonly column: number;
  readonly after: readonly (string | number | null)[] | null;
}

export interface SealingStep {
  /** Where the next step goes on; null when everything was looked at. */
  readonly next: SealingPlace | null;
  readonly sealed: number;
  /** Texts that no key here opens: they stay as they are. */
  readonly unreadable: number;
}

/**
 * `ended`: everything is sealed with this program's key, and the others are refused from now on. `left`: something is not.
 * `nodes`: there are nodes that still seal with another key.
 */
export type SealingEnd = "ended" | "left" | "nodes";

/** The rotation of the master key: what is sealed with another is sealed with this program's, in steps. */
export interface SealingStore {
  /**
   * Whether something is, or may still be, sealed with another key than this program's, and this program's is the one that
   * was brought in last. Programs with both keys so agree which of them is the new one.
   */
  isSealingDue(params: Record<never, never>): Promise<boolean>;
  /** Makes this program's key the one that was brought in last. */
  aimSealing(params: { now: number }): Promise<null>;
  /** Seals texts anew, `limit` at most, from a place on; from the beginning for null. */
  sealAnew(params: { place: SealingPlace | null; limit: number }): Promise<SealingStep>;
  /** Refuses the other keys from now on, when nothing needs them any more. */
  endSealing(params: { now: number }): Promise<SealingEnd>;
}
