import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (options: { readonly type: "minor"; readonly execution: "sync" }) => void;

/** By then, a start is over. */
const firstMs = 2_000;
const everyMs = 30_000;

/**
 * Lets V8 return the memory that the main thread no longer uses, after its start and after each load. V8 does that by itself, in short
 * steps, while a thread allocates little. It measures how much at its collections, and a thread that allocates little has none. So
 * this collects the young objects periodically, which takes about a millisecond.
 */
export function returnMemory(): Disposable {
  let collect: Collect | undefined;
  let timer = setTimeout(turn, firstMs).unref();
  function turn(): void {
    collect ??= youngCollection();
    collect?.({ type: "minor", execution: "sync" });
    timer = setTimeout(turn, everyMs).unref();
  }
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/** The flag is reset because code that is cached depends on the flags. */
function youngCollection(): Collect | undefined {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("globalThis.gc");
  setFlagsFromString("--no-expose-gc");
  return collect;
}
