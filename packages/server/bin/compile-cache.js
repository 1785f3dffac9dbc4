import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * Keeps the code as it is without types and compiled, for all later starts of this thread's kind: they are a quarter
 * quicker, and a thread takes 20 MiB less, since it need not load what takes the types out. It lies beside the code, as
 * whoever may write there could change the code itself; where nobody may, everything works without it.
 */
export function keepCompiledCode() {
  enableCompileCache(fileURLToPath(new URL("../.cache", import.meta.url)));
}
