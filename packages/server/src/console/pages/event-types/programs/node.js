import { createServer } from "node:http";
import { createRouter } from "@weft/receiver";
import { toNodeHandler } from "@weft/receiver/node";

const router = createRouter().on("sync.completed", async (event, { messageId }) => {
  console.log(messageId, event);
});
const options = { secret: process.env.WEFT_SECRET ?? "" };

createServer(toNodeHandler(router, options)).listen(8000);
