// A complete program with Weft inside: it keeps collections in a SQLite file, and publishes in the transactions that
// change them. Exits with 0 only when the receiver got exactly the committed events.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createRouter } from "@weft/receiver";
import { toNodeHandler } from "@weft/receiver/node";
import { openWeft } from "@weft/server";

const folder = mkdtempSync(join(tmpdir(), "weft-in-process-"));
const file = join(folder, "app.db");
const heardOf: string[] = [];
let secret = "";

const router = createRouter().on("collection.created", (event) => void heardOf.push(event.collection_name ?? ""));
const receiver = createServer((request, response) => {
  // Requested once, when the subscription is created, to check whether it is reachable.
  if (request.method === "HEAD") response.end();
  else toNodeHandler(router, { secret })(request, response);
}).listen(0, "127.0.0.1");
await once(receiver, "listening");
const { port } = receiver.address() as AddressInfo;

const weft = await openWeft({
  database: `sqlite:${file}`,
  // The receiver is on this machine; a remote one needs neither.
  allowHttp: true,
  allowNetworks: ["127.0.0.0/8"],
});
({ secret } = await weft.subscribe({ url: `http://127.0.0.1:${port}/`, eventTypes: ["collection.*"] }));

// The application's own connection. It waits while Weft writes, because SQLite has one writer at a time.
const database = new DatabaseSync(file, { timeout: 5_000 });
database.exec("create table shelf (id integer primary key, name text not null unique)");

const before = performance.now();
create("Handbook");
try {
  create("Handbook");
} catch (error) {
  process.stdout.write(`Refused, with its event: ${(error as Error).message}\n`);
}
create("Recipes");
while (heardOf.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
process.stdout.write(`Heard of ${heardOf.join(" and ")} after ${Math.round(performance.now() - before)} ms.\n`);

await weft.close();
database.close();
receiver.close();
rmSync(folder, { recursive: true });
process.exitCode = heardOf.toSorted().join() === "Handbook,Recipes" ? 0 : 1;

/** Publishes first, and then may fail: both are in one transaction. */
function create(name: string): void {
  database.exec("begin immediate");
  try {
    weft.publishWithin(database, {
      eventType: "collection.created",
      payload: {
        event_type: "collection.created",
        collection_id: name.toLowerCase(),
        collection_name: name,
        collection_readable_id: name.toLowerCase(),
        timestamp: new Date().toISOString(),
      },
    });
    database.prepare("insert into shelf (name) values (?)").run(name);
    database.exec("commit");
  } catch (error) {
    database.exec("rollback");
    throw error;
  }
}
