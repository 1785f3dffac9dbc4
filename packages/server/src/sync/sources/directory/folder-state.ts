import { createHash } from "node:crypto";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { FoundFiles } from "../files/find-files.ts";

const statsAtATime = 256;

/**
 * A text for the state of a folder's files. It differs when files were added, removed or written, or when other folders became
 * readable. No file is read.
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
