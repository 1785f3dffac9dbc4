// No TypeScript in the first file of a thread: to read it, the thread would load what the cache saves it.

import { workerData } from "node:worker_threads";
import { keepCompiledCode } from "../../../bin/compile-cache.js";

keepCompiledCode();
await import(workerData.role === "disk" ? "./disk-thread.ts" : "./thread.ts");
