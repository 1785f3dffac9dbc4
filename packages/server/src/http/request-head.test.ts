import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../api/fixtures/running-weft.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await RunningWeft.start();
});
afterAll(() => weft[Symbol.asyncDispose]());

/** Sends bytes unchanged. Resolves with the status of each response when the server has closed the connection. */
function send(text: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(weft.url).port), "127.0.0.1");
    let received = "";
    socket.setEncoding("latin1").on("data", (data) => {
      received += data;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve([...received.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status ?? "")));
    socket.write(Buffer.from(text, "latin1"));
  });
}

const host = "host: 127.0.0.1\r\n";
const close = "connection: close\r\n";
const get = (headers: string, path = "/health/live", version = "HTTP/1.1") =>
  `GET ${path} ${version}\r\n${headers}${close}\r\n`;
const body = '{"name":"Acme"}';
const chunks = `f\r\n${body}\r\n0\r\n\r\n`;
const post = (headers: string, sent: string, version = "HTTP/1.1") =>
  `POST /v1/organizations ${version}\r\n${host}content-type: application/json\r\n${headers}${close}\r\n${sent}`;

test.each([
  ["one Host header", get(host)],
  ["the same host in its URL", get(host, "http://127.0.0.1/health/live")],
  ["the same host in its URL, with the usual port", get("host: 127.0.0.1:80\r\n", "http://127.0.0.1/health/live")],
  ["a body of a length", post("content-length: 15\r\n", body)],
  ["a body in chunks", post("Transfer-Encoding: Chunked\r\n", chunks)],
  ["headers that may come more than once", get(`${host}accept: a/b\r\naccept: c/d\r\nx-a: 1\r\nx-a: 2\r\n`)],
])("a request with %s gets a response", async (_, text) => {
  expect(await send(text)).toEqual(["200"]);
});

test.each([
  ["two Host headers", get(`${host}host: evil.example\r\n`)],
  ["two Host headers that say the same, in other letters", get(`${host}HOST: 127.0.0.1\r\n`)],
  ["no Host header", get("")],
  ["another host in its URL", get(host, "http://evil.example/health/live")],
  ["a URL that names a host only", get(host, "evil.example:80")],
  ["two Authorization headers", get(`${host}authorization: Bearer a\r\nauthorization: Bearer b\r\n`)],
  ["two API keys", get(`${host}x-api-key: a\r\nX-Api-Key: b\r\n`)],
  ["two organizations", get(`${host}x-organization-id: a\r\nx-organization-id: b\r\n`)],
  ["two media types", post("content-type: text/plain\r\ncontent-length: 15\r\n", body)],
  ["two idempotency keys", post("idempotency-key: a\r\nidempotency-key: b\r\ncontent-length: 15\r\n", body)],
  ["two lengths", post("content-length: 15\r\ncontent-length: 15\r\n", body)],
  ["a list of lengths", post("content-length: 15, 15\r\n", body)],
  ["a length and chunks", post("content-length: 5\r\ntransfer-encoding: chunked\r\n", chunks)],
  ["chunks and a length", post("transfer-encoding: chunked\r\ncontent-length: 5\r\n", chunks)],
  ["two codings of its body", post("transfer-encoding: gzip, chunked\r\n", chunks)],
  ["two headers for the coding of its body", post("transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n", chunks)],
  ["a coding that is not chunked", post("transfer-encoding: xchunked\r\n", chunks)],
  ["chunks over HTTP/1.0", post("transfer-encoding: chunked\r\n", chunks, "HTTP/1.0")],
  ["a version that is not spoken here", get(host, "/health/live", "HTTP/2.0")],
  ["a header over two lines", get(`${host}x-a: b\r\n c\r\n`)],
  ["a space before a colon", post("transfer-encoding : chunked\r\n", chunks)],
  ["bare line feeds", `GET /health/live HTTP/1.1\n${host.replace("\r", "")}\n`],
  ["a bare carriage return", `GET /health/live HTTP/1.1\r\nhost: 127.0.0.1\rx: y\r\n\r\n`],
  ["NUL in a header", get(`${host}x-a: b\0c\r\n`)],
  ["a chunk that ends with a line feed", post("transfer-encoding: chunked\r\n", chunks.replaceAll("\r\n", "\n"))],
  ["a chunk's length in another notation", post("transfer-encoding: chunked\r\n", `0x${chunks}`)],
])("a request with %s is a 400", async (_, text) => {
  expect(await send(text)).toEqual(["400"]);
});
