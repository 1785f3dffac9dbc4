export const frameworks = [
  { key: "node", name: "Node" },
  { key: "express", name: "Express" },
  { key: "fastify", name: "Fastify" },
  { key: "hono", name: "Hono" },
  { key: "web", name: "Web Request (Next.js, Workers, Deno, Bun)" },
  { key: "fastapi", name: "Python, FastAPI" },
  { key: "python", name: "Python, standard library" },
] as const;

export type Framework = (typeof frameworks)[number]["key"];

const fallback = { path: "/webhooks", port: "8000" } as const;

/** A whole program that receives one kind of event, verified. `url` is the endpoint's: its path and port are filled in. */
export function receiverCode(framework: Framework, eventType: string, url: string | null): string {
  const parsed = url === null ? null : new URL(url);
  const path = parsed === null || parsed.pathname === "/" ? fallback.path : parsed.pathname;
  const port = parsed === null || parsed.port === "" ? fallback.port : parsed.port;
  return programs[framework]({ eventType: JSON.stringify(eventType), path: JSON.stringify(path), port });
}

interface Filled {
  /** In quotes. */
  readonly eventType: string;
  /** In quotes. */
  readonly path: string;
  readonly port: string;
}

function router({ eventType }: Filled): string {
  return `const router = createRouter().on(${eventType}, async (event, { messageId }) => {
  console.log(messageId, event);
});
const options = { secret: process.env.WEFT_SECRET ?? "" };`;
}

const programs: Readonly<Record<Framework, (filled: Filled) => string>> = {
  node: (filled) => `import { createServer } from "node:http";
import { createRouter } from "@weft/receiver";
import { toNodeHandler } from "@weft/receiver/node";

${router(filled)}

createServer(toNodeHandler(router, options)).listen(${filled.port});
`,
  express: (filled) => `import express from "express";
import { createRouter } from "@weft/receiver";
import { toExpressHandler } from "@weft/receiver/express";

${router(filled)}

const app = express();
app.post(${filled.path}, toExpressHandler(router, options));
app.listen(${filled.port});
`,
  fastify: (filled) => `import Fastify from "fastify";
import { createRouter } from "@weft/receiver";
import { weftFastify } from "@weft/receiver/fastify";

${router(filled)}

const app = Fastify();
await app.register(weftFastify, { path: ${filled.path}, router, ...options });
await app.listen({ port: ${filled.port} });
`,
  hono: (filled) => `import { Hono } from "hono";
import { createRouter } from "@weft/receiver";
import { toHonoHandler } from "@weft/receiver/hono";

${router(filled)}

const app = new Hono();
app.post(${filled.path}, toHonoHandler(router, options));
export default { fetch: app.fetch, port: ${filled.port} };
`,
  web: (filled) => `import { createRouter } from "@weft/receiver";
import { toWebHandler } from "@weft/receiver/web";

${router(filled)}

// Next.js: app${JSON.parse(filled.path)}/route.ts
export const POST = toWebHandler(router, options);
`,
  fastapi: ({ eventType, path, port }) => `# pip install fastapi uvicorn standardwebhooks
import os

from fastapi import FastAPI, HTTPException, Request, Response
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

app = FastAPI()
webhook = Webhook(os.environ["WEFT_SECRET"])


@app.post(${path}, status_code=204)
async def receive(request: Request) -> Response:
    try:
        event = webhook.verify(await request.body(), dict(request.headers))
    except WebhookVerificationError as error:
        raise HTTPException(status_code=400, detail=str(error))
    if event["event_type"] == ${eventType}:
        print(request.headers["webhook-id"], event)
    return Response(status_code=204)

# uvicorn main:app --port ${port}
`,
  python: ({ eventType, port }) => `import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = base64.b64decode(os.environ["WEFT_SECRET"].removeprefix("whsec_"))
TOLERANCE_SECONDS = 300


def is_genuine(headers, body: bytes) -> bool:
    message_id, sent_at = headers["webhook-id"], headers["webhook-timestamp"]
    signatures = headers["webhook-signature"]
    if not (message_id and sent_at and signatures and sent_at.isdigit()):
        return False
    if abs(time.time() - int(sent_at)) > TOLERANCE_SECONDS:
        return False
    signed = f"{message_id}.{sent_at}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, given) for given in signatures.split())


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not is_genuine(self.headers, body):
            self.send_response(400)
            self.end_headers()
            return
        event = json.loads(body)
        if event["event_type"] == ${eventType}:
            print(self.headers["webhook-id"], event, flush=True)
        self.send_response(204)
        self.end_headers()


HTTPServer(("", ${port}), Receiver).serve_forever()
`,
};
