import type { FileMatching } from "./file-matching.ts";

const pathsPerTurn = 5_000;

/** Which of these relative paths match, in order, as if they were in a folder. */
export async function matchPaths(
  paths: Iterable<string>,
  { matching, signal }: { matching: FileMatching; signal: AbortSignal },
): Promise<string[]> {
  const taken: string[] = [];
  let some: string[] = [];
  const take = async () => {
    signal.throwIfAborted();
    for (const path of (await matching.match({ files: some, folders: [] })).files) taken.push(path);
    some = [];
  };
  for (const path of paths) {
    some.push(path);
    if (some.length >= pathsPerTurn) await take();
  }
  if (some.length > 0) await take();
  return taken;
}
