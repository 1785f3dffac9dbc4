// Starts a Weft without a collector in the folder of the first argument, and prints the packages of OpenTelemetry that were loaded.

import { registerHooks } from "node:module";

const loaded = new Set<string>();
registerHooks({
  load: (url, context, next) => {
    const name = /@opentelemetry\/([\w-]+)/.exec(url)?.[1];
    if (name !== undefined) loaded.add(name);
    return next(url, context);
  },
});
const { readConfig } = await import("../../packages/server/src/config/config.ts");
const { assembleWeft } = await import("../../packages/server/src/main.ts");
const variables = { WEFT_DATABASE_URL: `sqlite:${process.argv[2]}/off.db`, WEFT_PORT: "0", WEFT_LOG_LEVEL: "silent" };
const weft = await assembleWeft(readConfig("dev", variables), { command: "a test", logFormat: "json" });
await weft.start();
process.stdout.write(JSON.stringify([...loaded]));
await weft.stop("the test is over");
