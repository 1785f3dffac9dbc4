import { createServer } from "node:http";
import { createRouter } from "@weft/receiver";
import { toNodeHandler } from "@weft/receiver/node";
import { memoryOnce } from "@weft/receiver/once/memory";

/** A receiver that is correct in every respect, on the given port. */
const router = createRouter({ once: memoryOnce() }).onAny(() => {});
const secret = process.env.WEFT_SIGNING_SECRET ?? "";
createServer(toNodeHandler(router, { secret, onError: () => {} })).listen(Number(process.argv[2]), "127.0.0.1");
