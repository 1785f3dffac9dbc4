import { describe, expect, test } from "vitest";
import { type LambdaEvent, type LambdaResponse, toLambdaHandler } from "./lambda.ts";
import { adapterPromises, headersFor, payload, secret, sentAt } from "./promises/adapter-promises.ts";
import { createRouter } from "./router.ts";

type MakeEvent = (headers: Headers, bytes: Buffer) => LambdaEvent;

/** API Gateway, REST: version 1. Headers keep the case of the sender. */
function restEvent(headers: Headers, body: string | null, isBase64Encoded: boolean) {
  const names = [...headers].map(([name, value]) => [name.replace(/^./, (letter) => letter.toUpperCase()), value]);
  return {
    resource: "/webhooks/weft",
    path: "/webhooks/weft",
    httpMethod: "POST",
    headers: Object.fromEntries(names),
    multiValueHeaders: Object.fromEntries(names.map(([name, value]) => [name, [value]])),
    queryStringParameters: null,
    requestContext: { stage: "prod", identity: { sourceIp: "203.0.113.7" } },
    body,
    isBase64Encoded,
  };
}

/** API Gateway, HTTP, and function URLs: version 2. Without a body the field is missing. */
function httpEvent(headers: Headers, body: string | null, isBase64Encoded: boolean) {
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/webhooks/weft",
    rawQueryString: "",
    headers: Object.fromEntries(headers),
    requestContext: { http: { method: "POST", path: "/webhooks/weft", sourceIp: "203.0.113.7" } },
    ...(body === null ? {} : { body }),
    isBase64Encoded,
  };
}

const shapes: [string, MakeEvent][] = [
  ["API Gateway, version 1", (headers, bytes) => restEvent(headers, textOf(bytes), false)],
  ["API Gateway, version 1, in base64", (headers, bytes) => restEvent(headers, bytes.toString("base64"), true)],
  ["API Gateway, version 2", (headers, bytes) => httpEvent(headers, textOf(bytes), false)],
  ["a function URL, in base64", (headers, bytes) => httpEvent(headers, bytes.toString("base64"), true)],
  [
    "a load balancer with all lines of the headers",
    (headers, bytes) => ({ ...restEvent(headers, textOf(bytes), false), headers: null }),
  ],
];

function textOf(bytes: Buffer): string | null {
  return bytes.length === 0 ? null : bytes.toString();
}

/** A load balancer with multi-value headers sends no other ones. */
function responseOf({ statusCode, headers: single, multiValueHeaders, body }: LambdaResponse): Response {
  const lines = Object.entries(multiValueHeaders ?? {}).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const headers = multiValueHeaders === undefined ? single : lines;
  return new Response(statusCode === 204 ? null : body, { status: statusCode, headers });
}

describe.each(shapes)("Lambda behind %s", (_name, makeEvent) => {
  adapterPromises(async (router, options) => {
    const handle = toLambdaHandler(router, options);
    return {
      async send(given) {
        const request = new Request("http://localhost/", { method: "POST", duplex: "half", ...given });
        const event = makeEvent(request.headers, Buffer.from(await request.arrayBuffer()));
        return responseOf(await handle(JSON.parse(JSON.stringify(event))));
      },
      close: async () => {},
    };
  });
});

test("a body that is marked as base64 and is not gets a 400", async () => {
  const handle = toLambdaHandler(createRouter(), { secret, now: () => sentAt });
  const headers = await headersFor(payload);
  expect(await handle({ headers, body: payload, isBase64Encoded: true })).toMatchObject({ statusCode: 400 });
});

test("all lines of a repeated header are read", async () => {
  const handle = toLambdaHandler(createRouter(), { secret, now: () => sentAt });
  const headers = await headersFor(payload);
  const lines = ["v1,c29tZWJvZHkgZWxzZQ==", headers["svix-signature"] ?? ""];
  const multiValueHeaders = { "Svix-Signature": lines };
  const { "webhook-signature": _signature, "svix-signature": _last, ...others } = headers;
  const event = {
    headers: { ...others, "Svix-Signature": "v1,c29tZWJvZHkgZWxzZQ==" },
    multiValueHeaders,
    body: payload,
  };
  expect(await handle(event)).toMatchObject({ statusCode: 204 });
});

test("an event without headers and body, as a test in Amazon's console sends it, gets a 400", async () => {
  const handle = toLambdaHandler(createRouter(), { secret });
  expect(await handle({})).toMatchObject({ statusCode: 400, body: expect.stringContaining("missing_header") });
});
