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
  /** How they stood when they were read last; null when that is not known. */
  readonly before: string | null;
  readonly signal: AbortSignal;
}

/**
 * Calls `changed`, with how files stand now, when that is otherwise than before, until the signal aborts. It looks when something was heard of
 * the folders in which files are, and now and then, which finds the rest.
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
    // What came to a folder before anybody listened there is found by another look.
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
    // The folder went away: that is a change too, of which the job tells.
    if (error instanceof SourceError) return { state: `unreadable: ${error.message}`, folders: new Set() };
    throw error;
  }
}
