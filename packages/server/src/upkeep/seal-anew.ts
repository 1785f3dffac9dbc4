import type { SealingEnd, SealingPosition } from "../store/sealing/interface.ts";
import type { Store } from "../store/store.ts";

const textsPerStep = 200;

export interface SealedAnew {
  readonly end: SealingEnd;
  readonly sealed: number;
  /** Texts that no key decrypts, for example after a disk error. */
  readonly unreadable: number;
}

/**
 * Encrypts everything with this program's master key, in steps of a commit each, and then rejects the other keys. After an
 * interruption, a later call continues with the rest. `onStep` may stop it by throwing.
 */
export async function sealEverythingAnew(
  store: Pick<Store, "sealAnew" | "endSealing">,
  { now, onStep }: { now: () => number; onStep: (sealed: number) => Promise<void> | void },
): Promise<SealedAnew> {
  let [sealed, unreadable] = [0, 0];
  let position: SealingPosition | null = null;
  do {
    const step = await store.sealAnew({ position, limit: textsPerStep });
    sealed += step.sealed;
    unreadable += step.unreadable;
    await onStep(sealed);
    position = step.next;
  } while (position !== null);
  return { end: await store.endSealing({ now: now() }), sealed, unreadable };
}
