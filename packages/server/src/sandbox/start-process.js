// The first file of a sandbox process. It is JavaScript, so that the process loads compiled code from the cache at once.

import { flushCompileCache } from "node:module";
import { keepCompiledCode } from "../../bin/compile-cache.js";

keepCompiledCode();
await import("./run-batches.ts");
flushCompileCache();
process.send("ready");
