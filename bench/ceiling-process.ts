// The ceiling: the cost of the HTTP libraries alone. Events arrive through the server's Fastify settings and body
// parser, and leave through the server's sender with headers of the same size. Nothing is validated, signed, stored or
// counted.

import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyRequest } from "fastify";
import { bodyBounds } from "../packages/server/src/domain/body-bounds.ts";
import { idSource, prefixed } from "../packages/server/src/domain/id.ts";
import { limits } from "../packages/server/src/domain/limits.ts";
import { BytesUnderWay, type Holding } from "../packages/server/src/http/bytes-under-way.ts";
import { jsonMediaTypes, type RequestBody, readJsonBodies } from "../packages/server/src/http/request-body.ts";
import { createAddressGuard } from "../packages/server/src/outbound/address-guard.ts";
import { parseRequestUrl } from "../packages/server/src/outbound/exchange.ts";
import { HttpSender } from "../packages/server/src/outbound/http-sender.ts";
import { respondToParent } from "./child.ts";
import { ownUsage } from "./usage.ts";

const payloadKey = '"payload":';
const signature = `v1,${Buffer.alloc(32).toString("base64")}`;

const newId = idSource(Date.now, randomBytes);
const sender = new HttpSender({
  guard: createAddressGuard({ allowNetworks: ["127.0.0.0/8"] }),
  timeoutMs: 30_000,
  responseBytesMax: limits.responseBytesReadMax,
  responseBytesKept: limits.responseBytesKept,
  // The number that the server opens to one subscription.
  connectionsPerOrigin: limits.laneConcurrencyMax,
});
const server = Fastify({ logger: false, forceCloseConnections: true });
const bytesUnderWay = new BytesUnderWay();

async function start({ receiverUrl }: { receiverUrl: string }): Promise<string> {
  const url = parseRequestUrl(receiverUrl);
  const holdings = new WeakMap<FastifyRequest, Holding>();
  server.addHook("onRequest", async (request, { raw }) => {
    holdings.set(request, bytesUnderWay.begin({ address: request.ip }, raw, request.socket));
  });
  readJsonBodies(server, jsonMediaTypes, (request) => {
    const holding = holdings.get(request);
    return holding === undefined ? null : { bounds: bodyBounds.events, holding, turn: () => null };
  });
  server.post("/v1/events", async (request, reply) => {
    const { text } = request.body as RequestBody;
    const id = newId<"message">();
    const headers = webhookHeaders(prefixed("msg", id));
    const payload = text.slice(text.indexOf(payloadKey) + payloadKey.length, -1);
    const exchange = await sender.send({ url, method: "POST", headers, body: payload });
    if (exchange.kind === "unanswered") throw new Error(exchange.detail);
    return reply.type("application/json").send(responseText(id));
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
}

function webhookHeaders(id: string): string[] {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const values = { id, timestamp, signature };
  return [
    ...["content-type", "application/json", "user-agent", "Weft/0.0.0"],
    ...Object.entries(values).flatMap(([name, value]) => [`svix-${name}`, value, `webhook-${name}`, value]),
  ];
}

function responseText(id: string): string {
  const timestamp = new Date().toISOString();
  return JSON.stringify({ id, event_type: "sync.completed", event_id: null, timestamp, duplicate: false });
}

async function stop(): Promise<void> {
  await server.close();
  await sender.destroy();
}

const questions = { start, stop, usage: ownUsage };

export type CeilingQuestions = typeof questions;

respondToParent(questions, () => void stop());
