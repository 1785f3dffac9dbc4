import { statfsSync } from "node:fs";
import { limits } from "../../domain/limits.ts";
import type { SqliteWriteContext } from "./write-context.ts";

/**
 * The log has preallocated room, so that a small write succeeds on a full disk. The free room of the disk is therefore
 * checked as well.
 */
export function checkWrites({ db }: SqliteWriteContext, { length }: { length: number }): "disk_full" | null {
  db.run("update write_check set filler = randomblob(?) where id = 1", length);
  const { bavail, bsize } = statfsSync(db.path);
  return bavail * bsize < limits.diskFreeBytesMin ? "disk_full" : null;
}
