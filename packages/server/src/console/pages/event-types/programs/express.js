import { createRouter } from "@weft/receiver";
import { toExpressHandler } from "@weft/receiver/express";
import express from "express";

const router = createRouter().on("sync.completed", async (event, { messageId }) => {
  console.log(messageId, event);
});
const options = { secret: process.env.WEFT_SECRET ?? "" };

const app = express();
app.post("/webhooks", toExpressHandler(router, options));
app.listen(8000);
