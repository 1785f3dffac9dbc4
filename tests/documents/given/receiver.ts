import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import * as kit from "@weft/receiver";
import * as adapter from "@weft/receiver/node";
import pg from "pg";

// Definitions that the page of @weft/receiver assumes: they are earlier in it, or are the reader's own.
declare global {
  var router: kit.Router;
  var options: { readonly secret: string };
  var toNodeHandler: typeof adapter.toNodeHandler;
  var database: DatabaseSync;
  var pool: pg.Pool;
  var secret: string;
  var url: string;
  var id: string;
  var messageId: string;
  var handled: Map<string, number>;
}

const { WEFT_SIGNING_SECRET = "", DATABASE_URL = "", RECEIVER_PORT } = process.env;

globalThis.secret = WEFT_SIGNING_SECRET;
globalThis.options = { secret };
globalThis.toNodeHandler = adapter.toNodeHandler;
globalThis.url = `http://127.0.0.1:${RECEIVER_PORT}/webhooks/weft`;
globalThis.id = "42";
globalThis.messageId = "msg_1";
globalThis.handled = new Map();
globalThis.router = kit.createRouter().onAny((_event, { messageId }) => {
  handled.set(messageId, (handled.get(messageId) ?? 0) + 1);
});
globalThis.pool = new pg.Pool({ connectionString: DATABASE_URL });
globalThis.database = new DatabaseSync("receiver.db");
database.exec("create table searches (id text)");

/** The existing receiver, for programs that are not receivers. */
export async function startReceiver(): Promise<void> {
  const server = createServer(toNodeHandler(router, { secret, onError: () => {} }));
  await new Promise<void>((resolve) => server.listen(Number(RECEIVER_PORT), "127.0.0.1", resolve));
}
