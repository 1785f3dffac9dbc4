import { flushCompileCache } from "node:module";
import type { Config } from "../config/config.ts";
import type { AssembledWeft, ProcessDescription } from "../main.ts";
import { listenForStop, type StopSignals } from "./stop-signal.ts";

/** Runs Weft until the process is asked to stop. `onListening` gets the address. */
export async function runServer(
  process: NodeJS.Process,
  config: Config,
  { onListening, ...description }: ProcessDescription & { readonly onListening: (url: string) => void },
): Promise<void> {
  using stop = listenForStop(process);
  // Imported only now, so that commands that use a running Weft do not wait for the server to be loaded.
  const { assembleWeft } = await import("../main.ts");
  const weft = await assembleWeft(config, description);
  // A process that is killed writes nothing later. With compiled code, the next start takes half of the time.
  flushCompileCache();
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
  // Awaited here, because signals are handled until this function ends.
  if (typeof reason === "string") return await weft.stop(reason);
  // This process can store nothing more. The next one takes over its deliveries.
  await weft.stop("the database failed");
  throw new Error("The database cannot be used any more. Start Weft again; nothing that was accepted is lost.", {
    cause: reason,
  });
}
