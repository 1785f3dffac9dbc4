import { createHash } from "node:crypto";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { FoundFiles } from "../files/find-files.ts";

const statsAtATime = 256;

/**
 * One text for how the files of a folder stand: another one means that some were added, removed or written to, or that
 * other folders could be looked into. No file is read.
 */
export async function folderState(folder: string, { ids, problems }: FoundFiles): Promise<string> {
  const hash = createHash("sha256");
  for (let begin = 0; begin < ids.length; begin += statsAtATime) {
    const some = ids.slice(begin, begin + statsAtATime);
    const states = await Promise.all(some.map((id) => fileState(folder, id)));
    hash.update(JSON.stringify(states));
  }
  return hash.update(JSON.stringify(problems)).digest("base64");
}

async function fileState(folder: string, id: string): Promise<readonly [string, string, string]> {
  const stats = await lstat(join(folder, ...id.split("/")), { bigint: true }).catch(() => null);
  return [id, String(stats?.size), String(stats?.mtimeNs)];
}
