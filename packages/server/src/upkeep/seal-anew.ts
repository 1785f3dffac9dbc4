import type { SealingEnd, SealingPlace } from "../store/sealing/interface.ts";
import type { Store } from "../store/store.ts";

const textsPerStep = 200;

export interface SealedAnew {
  readonly end: SealingEnd;
  readonly sealed: number;
  /** Texts that no key opens, such as of a disk that lied. */
  readonly unreadable: number;
}

/**
 * Seals everything with this program's master key, in steps of a commit each, and then refuses the other keys. Whatever
 * ends the process meanwhile, a later call goes on with what is left. `onStep` may break it off by an error.
 */
export async function sealEverythingAnew(
  store: Pick<Store, "sealAnew" | "endSealing">,
  { now, onStep }: { now: () => number; onStep: (sealed: number) => Promise<void> | void },
): Promise<SealedAnew> {
  let [sealed, unreadable] = [0, 0];
  let place: SealingPlace | null = null;
  do {
    const step = await store.sealAnew({ place, limit: textsPerStep });
    sealed += step.sealed;
    unreadable += step.unreadable;
    await onStep(sealed);
    place = step.next;
  } while (place !== null);
  return { end: await store.endSealing({ now: now() }), sealed, unreadable };
}
