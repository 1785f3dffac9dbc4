import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { ApiError } from "../domain/errors.ts";
import { problemResponse } from "./error-response.ts";

interface Refusal {
  readonly status: number;
  readonly phrase: string;
  readonly detail: string;
}

const refusals: ReadonlyMap<string | undefined, Refusal> = new Map([
  [
    "HPE_HEADER_OVERFLOW",
    {
      status: 431,
      phrase: "Request Header Fields Too Large",
      detail: "The request's URL and headers have more than 16 KiB together.",
    },
  ],
  [
    "ERR_HTTP_REQUEST_TIMEOUT",
    { status: 408, phrase: "Request Timeout", detail: "The request did not arrive within its time limit." },
  ],
]);

const notHttp: Refusal = {
  status: 400,
  phrase: "Bad Request",
  detail: "The bytes that were sent are not a valid HTTP/1.1 request.",
};

/** Responds to a request that is not valid HTTP, in the form of other errors, and closes the connection. */
export function sendClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const { status, phrase, detail } = refusals.get(error.code) ?? notHttp;
  if (socket.writable) {
    const { body, mediaType } = problemResponse(new ApiError("bad_request", detail), randomUUID());
    const text = JSON.stringify({ ...body, status });
    const head = [
      `HTTP/1.1 ${status} ${phrase}`,
      `content-type: ${mediaType}`,
      `content-length: ${Buffer.byteLength(text)}`,
      "connection: close",
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${text}`);
  }
  socket.destroy(error);
}
