// No TypeScript in the first file of a thread: to read it, the thread would load what the cache saves it.

import { keepCompiledCode } from "../../../bin/compile-cache.js";

keepCompiledCode();
await import("./thread.ts");
