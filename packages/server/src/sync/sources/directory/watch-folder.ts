import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { limits } from "../../../domain/limits.ts";
import { SourceError } from "../../source.ts";
import type { FoundFiles } from "../files/find-files.ts";
import { FolderListeners } from "./folder-listeners.ts";
import { folderState } from "./folder-state.ts";

export interface FolderWatch {
  /** Finds the folder's files, and the folder without links in its path. */
  readonly find: () => Promise<{ readonly folder: string; readonly found: FoundFiles }>;
  /** The state at the last read; null when it is unknown. */
  readonly before: string | null;
  readonly signal: AbortSignal;
}

/**
 * Calls `changed` with the current state when it differs from the previous one, until the signal aborts. It checks after a
 * reported change and periodically, which finds unreported changes.
 */
export async function watchFolder(
  { find, before, signal }: FolderWatch,
  changed: (state: string) => void,
): Promise<void> {
  using listeners = new FolderListeners();
  let known = before;
  while (!signal.aborted) {
    const { state, folders } = await look(find);
    if (state !== known && !signal.aborted) changed(state);
    known = state;
    // Another check finds changes in a folder from before the listener started.
    if (listeners.listen(folders)) continue;
    await listeners.heard(limits.watchLookMs, signal);
    await sleep(limits.watchRestMs, undefined, { signal }).catch(() => {});
  }
}

async function look(find: FolderWatch["find"]): Promise<{ state: string; folders: ReadonlySet<string> }> {
  try {
    const { folder, found } = await find();
    const folders = new Set([folder, ...found.ids.map((id) => dirname(join(folder, id)))]);
    return { state: await folderState(folder, found), folders };
  } catch (error) {
    // The folder was deleted. That is a change too, which the job reports.
    if (error instanceof SourceError) return { state: `unreadable: ${error.message}`, folders: new Set() };
    throw error;
  }
}
