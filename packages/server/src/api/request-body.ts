import { isUtf8 } from "node:buffer";
import type { FastifyInstance } from "fastify";
import { ApiError } from "../domain/errors.ts";

/** A request body in both forms: its own text, and what it says. */
export interface RequestBody {
  readonly text: string;
  readonly value: unknown;
}

export const jsonMediaTypes = ["application/json", "application/*+json"];

/** Reads JSON bodies and keeps their text. Other media types are a 415; what is no UTF-8 or no JSON is a 400. */
export function readJsonBodies(server: FastifyInstance, mediaTypes: string | string[] = jsonMediaTypes): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(mediaTypes, { parseAs: "buffer" }, (_request, bytes, done) => {
    try {
      done(null, parseBody(bytes as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

const notUtf8 = { loc: ["body"], msg: "The request body is not valid UTF-8.", type: "value_error.jsondecode" };

function parseBody(bytes: Buffer): RequestBody | undefined {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes))
    throw new ApiError("bad_request", "The request body is not valid UTF-8.", { mistakes: [notUtf8] });
  const text = bytes.toString("utf8");
  try {
    return { text, value: JSON.parse(text) as unknown };
  } catch (error) {
    const msg = `The request body is not valid JSON: ${(error as Error).message}.`;
    throw new ApiError("bad_request", msg, {
      cause: error,
      mistakes: [{ loc: ["body"], msg, type: "value_error.jsondecode" }],
    });
  }
}
