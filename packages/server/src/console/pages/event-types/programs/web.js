import { createRouter } from "@weft/receiver";
import { toWebHandler } from "@weft/receiver/web";

const router = createRouter().on("sync.completed", async (event, { messageId }) => {
  console.log(messageId, event);
});
const options = { secret: process.env.WEFT_SECRET ?? "" };

// In Next.js this is app/webhooks/route.ts
export const POST = toWebHandler(router, options);
