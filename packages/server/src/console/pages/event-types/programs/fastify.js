import { createRouter } from "@weft/receiver";
import { weftFastify } from "@weft/receiver/fastify";
import Fastify from "fastify";

const router = createRouter().on("sync.completed", async (event, { messageId }) => {
  console.log(messageId, event);
});
const options = { secret: process.env.WEFT_SECRET ?? "" };

const app = Fastify();
await app.register(weftFastify, { path: "/webhooks", router, ...options });
await app.listen({ port: 8000 });
