import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { DatabaseSync } from "node:sqlite";
import { createRouter, type Handler, type ReceivedEvent } from "@weft/receiver";
import { toNodeHandler } from "@weft/receiver/node";
import {
  AuditTrail,
  clearOnChange,
  FailureAlerts,
  slack,
  sqliteState,
  TaggedCache,
  whenFresh,
} from "@weft/receiver/patterns";
import type { Weft } from "@weft/sdk";

/** The program of a platform: one endpoint with four patterns. */
export class PatternReceiver {
  readonly cache = new TaggedCache<string[]>();
  readonly alerts: FailureAlerts;
  readonly trail: AuditTrail;
  readonly runs: string[] = [];
  readonly #database: DatabaseSync;
  #pipeline: Handler<ReceivedEvent> = () => {};

  constructor(database: DatabaseSync, slackUrl: string) {
    this.#database = database;
    this.alerts = new FailureAlerts({ channels: [slack({ url: slackUrl })], store: sqliteState(database) });
    this.trail = new AuditTrail(database);
  }

  waitFor(sources: readonly string[]): void {
    this.#pipeline = whenFresh({ sources, within: "1h", store: sqliteState(this.#database) }, (inputs) => {
      this.runs.push(inputs.map(({ jobId }) => jobId).join(" and "));
    });
  }

  async listen(weft: Weft): Promise<AsyncDisposable> {
    const router = createRouter()
      .onAny(this.trail.record)
      .onAny(clearOnChange(this.cache))
      .onAny(this.alerts.handle)
      .onAny((event, context) => this.#pipeline(event, context));
    let handle: RequestListener = (_request, response) => void response.writeHead(204).end();
    const server = await listen((request, response) => handle(request, response));
    const { id } = await weft.webhooks.createSubscription({ url: urlOf(server), event_types: ["sync.*"] });
    const { secret } = await weft.webhooks.getSubscription(id, { include_secret: true });
    handle = toNodeHandler(router, { secret: secret ?? "" });
    return { [Symbol.asyncDispose]: async () => void server.close() };
  }
}

export async function listen(handle: RequestListener): Promise<Server> {
  const server = createServer(handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
