const signals = ["SIGTERM", "SIGINT"] as const;
type StopSignal = (typeof signals)[number];

/**
 * npm forwards a terminal's Ctrl-C to a process that has received it already: a second signal within this time is the
 * same request.
 */
const sameRequestMs = 1_000;

export interface StopSignals extends Disposable {
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly received: Promise<StopSignal>;
}

/** Listens for the signal to stop. A second signal ends the process immediately. */
export function listenForStop(process: NodeJS.Process): StopSignals {
  const first = Promise.withResolvers<StopSignal>();
  let isSameRequest = true;
  function hear(signal: StopSignal): void {
    first.resolve(signal);
    if (isSameRequest) return;
    ignore();
    // Without a listener, a signal has its default effect.
    process.kill(process.pid, signal);
  }
  // A signal that arrives in time is handled in the turn after the timer at the latest, even when the process was
  // blocked.
  void first.promise.then(() => {
    const end = () => setImmediate(() => (isSameRequest = false));
    setTimeout(end, sameRequestMs).unref();
  });
  function ignore(): void {
    for (const signal of signals) process.removeListener(signal, hear);
  }
  for (const signal of signals) process.on(signal, hear);
  return { received: first.promise, [Symbol.dispose]: ignore };
}
