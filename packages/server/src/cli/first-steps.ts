import { randomUUID } from "node:crypto";
import type { Config } from "../config/config.ts";
import type { OwnCommand } from "./own-command.ts";

/** A command to paste, and its effect. */
export interface FirstStep {
  readonly about: string;
  readonly command: string;
}

/** Commands that show a fresh Weft at work. They need curl, and any Node without the executable, and work in any folder. */
export function firstSteps(url: string, auth: Config["auth"], own: OwnCommand): FirstStep[] {
  const { port } = new URL(url);
  const receiverPort = Number(port) < 65_535 ? Number(port) + 1 : Number(port) - 1;
  const curl = `curl -sS -w '\\n'${auth === "required" ? ' -H "x-api-key: $WEFT_API_KEY"' : ""}`;
  const post = `${curl} -H 'content-type: application/json'`;
  const subscription = { url: `http://127.0.0.1:${receiverPort}/`, event_types: ["collection.*", "sync.*"] };
  const receiving: FirstStep[] = [
    {
      about: "a receiver that prints each request",
      // The receiver must listen before the next command, because the URL of a new subscription is checked immediately.
      command: `node -e '${receiver(receiverPort)}' & sleep 1`,
    },
    {
      about: "a subscription for the receiver",
      command: `${post} ${url}/v1/webhooks/subscriptions -d '${JSON.stringify(subscription)}'`,
    },
  ];
  const inbox: FirstStep = {
    about: "a receiver with a subscription, which verifies and prints each request",
    command: `${own.text} inbox --subscribe --port ${receiverPort} --url ${url} & sleep 2`,
  };
  return [
    ...(own.kind === "executable" ? [inbox] : receiving),
    {
      about: "an event, which the receiver prints",
      command: `${post} ${url}/v1/events -d '${JSON.stringify(event())}'`,
    },
    {
      about: "the accepted messages, newest first",
      command: `${curl} '${url}/v1/webhooks/messages?limit=10'`,
    },
  ];
}

function receiver(port: number): string {
  const print = 'console.log("received", q.headers["webhook-id"], String(d))';
  const response = `q.on("data", (d) => ${print}).on("end", () => s.end())`;
  return `require("http").createServer((q, s) => ${response}).listen(${port}, "127.0.0.1")`;
}

function event(): object {
  const payload = {
    event_type: "collection.created",
    collection_id: randomUUID(),
    collection_name: "Sales Data",
    collection_readable_id: "sales-data-ab123",
    timestamp: new Date().toISOString(),
  };
  return { event_type: payload.event_type, payload };
}
