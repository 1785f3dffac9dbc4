// No TypeScript in the first file of a thread: to read it, the thread would load what the cache saves it.

import { flushCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { keepCompiledCode } from "../../../bin/compile-cache.js";

keepCompiledCode();
await import(workerData.role === "disk" ? "./disk-thread.ts" : "./thread.ts");
// Now, not at the end: the next thread starts from it.
flushCompileCache();
parentPort.postMessage("ready");
