import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { signedHeaders } from "@weft/receiver";
import { secret } from "./substitutions.ts";

/** A request that a reader has saved, as `request.http` and its body as `body.json`. */
export interface SavedRequest {
  readonly at: Date;
  /** In the documents 1768487400. */
  readonly timestamp: string;
  /** In the documents `v1,…`. */
  readonly signature: string;
}

/** Saves one, signed now and with the id `msg_1`, in a folder. */
export async function saveRequest(folder: string): Promise<SavedRequest> {
  const at = new Date();
  const body = JSON.stringify({ event_type: "sync.completed" });
  const headers = await signedHeaders(body, { id: "msg_1", timestamp: at, secret });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(folder, "request.http"), `POST /webhooks HTTP/1.1\n${lines.join("")}\n${body}`);
  writeFileSync(join(folder, "body.json"), body);
  return { at, timestamp: headers["webhook-timestamp"], signature: headers["webhook-signature"] };
}
