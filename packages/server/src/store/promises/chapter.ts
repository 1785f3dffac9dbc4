import { randomBytes } from "node:crypto";
import { afterAll } from "vitest";
import { idSource } from "../../domain/id.ts";
import type { Store } from "../store.ts";
import { NotingEngine, type OpenStore, t0 } from "./samples.ts";

/** Stores for the promises of a suite: one that they share, which `open` makes when the first of them needs it. */
export function chapter(open: () => Promise<Store>): OpenStore {
  let shared: Promise<Store> | null = null;
  afterAll(async () => await (await shared)?.[Symbol.asyncDispose]());
  const openShared = async () => {
    shared ??= open();
    return leftOpen(await shared);
  };
  return Object.assign(openShared, { fresh: open });
}

/** The store as if no promise had used it, except for what they stored. A promise that disposes of it leaves it open. */
function leftOpen(store: Store): Store {
  const newId = idSource(() => t0, randomBytes);
  store.handOverTo(new NotingEngine(newId<"node">(), 0));
  return { ...store, [Symbol.asyncDispose]: async () => {} };
}
