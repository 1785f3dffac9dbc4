import type { Config } from "../config.ts";
import type { AssembledWeft } from "../main.ts";
import { listenForStop, type StopSignals } from "./stop-signal.ts";

/** Runs Weft until the process is asked to stop. `onListening` gets the address. */
export async function runServer(
  process: NodeJS.Process,
  config: Config,
  { command, onListening }: { command: string; onListening: (url: string) => void },
): Promise<void> {
  using stop = listenForStop(process);
  // Only now: commands that talk to a running Weft do not wait for a server to be loaded.
  const { assembleWeft } = await import("../main.ts");
  const weft = await assembleWeft(config, command);
  using _watch = weft.watch(process);
  await runUntilStopped(weft, stop, onListening);
}

async function runUntilStopped(
  weft: AssembledWeft,
  stop: StopSignals,
  onListening: (url: string) => void,
): Promise<void> {
  try {
    onListening(await weft.start());
  } catch (error) {
    await weft.stop("it could not start");
    throw error;
  }
  const reason = await Promise.race([stop.received, weft.failed]);
  // Awaited here, since signals are listened for until this function ends.
  if (typeof reason === "string") return await weft.stop(reason);
  // Nothing more can be stored here. What this process held is taken up by the next one.
  await weft.stop("the database failed");
  throw new Error("The database cannot be used any more. Start Weft again; nothing that was accepted is lost.", {
    cause: reason,
  });
}
