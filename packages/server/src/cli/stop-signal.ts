const signals = ["SIGTERM", "SIGINT"] as const;
type StopSignal = (typeof signals)[number];

/** npm passes a terminal's Ctrl-C on to a process that has got it already: what comes this soon is the same wish. */
const sameWishMs = 1_000;

export interface StopSignals extends Disposable {
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly received: Promise<StopSignal>;
}

/** Listens for the signal to stop. A second signal ends the process at once. */
export function listenForStop(process: NodeJS.Process): StopSignals {
  const first = Promise.withResolvers<StopSignal>();
  let isSameWish = true;
  function hear(signal: StopSignal): void {
    first.resolve(signal);
    if (isSameWish) return;
    ignore();
    // Without a listener, a signal does what it does to any program.
    process.kill(process.pid, signal);
  }
  // A signal that came in time is heard in the turn after the timer at the latest, also when the process was held up.
  void first.promise.then(() => {
    const end = () => setImmediate(() => (isSameWish = false));
    setTimeout(end, sameWishMs).unref();
  });
  function ignore(): void {
    for (const signal of signals) process.removeListener(signal, hear);
  }
  for (const signal of signals) process.on(signal, hear);
  return { received: first.promise, [Symbol.dispose]: ignore };
}
