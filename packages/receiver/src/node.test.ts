import { describe } from "vitest";
import { toNodeHandler } from "./node.ts";
import { adapterPromises } from "./promises/adapter-promises.ts";
import { hangUpPromises } from "./promises/hang-up-promises.ts";
import { listen } from "./promises/listening-receiver.ts";

describe("a node:http server", () => {
  adapterPromises(async (router, options) => listen(toNodeHandler(router, options)));
  hangUpPromises(toNodeHandler);
});
