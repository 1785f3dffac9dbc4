import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * Caches the code without types and compiled, for all later starts of this kind of thread: they are a quarter faster, and a
 * thread takes 20 MiB less, because it does not load the code that strips types. The cache is next to the code, because anyone
 * who may write there could change the code itself. Where the folder is read-only, everything works without the cache.
 */
export function keepCompiledCode() {
  enableCompileCache(fileURLToPath(new URL("../.cache", import.meta.url)));
}
