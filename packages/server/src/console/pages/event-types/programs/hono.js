import { createRouter } from "@weft/receiver";
import { toHonoHandler } from "@weft/receiver/hono";
import { Hono } from "hono";

const router = createRouter().on("sync.completed", async (event, { messageId }) => {
  console.log(messageId, event);
});
const options = { secret: process.env.WEFT_SECRET ?? "" };

const app = new Hono();
app.post("/webhooks", toHonoHandler(router, options));
export default { fetch: app.fetch, port: 8000 };
