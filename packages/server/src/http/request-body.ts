import { isUtf8 } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { BodyBounds } from "../domain/body-bounds.ts";
import { ApiError, validationFailed } from "../domain/errors.ts";
import { type JsonExcess, jsonExcess } from "../domain/json-bounds.ts";
import type { Holding } from "./bytes-under-way.ts";

type Rules = NonNullable<BodyRules>;
type Done<Value> = (error: Error | null, value?: Value) => void;

/** A request body in both forms: its text, and its parsed value. */
export interface RequestBody {
  readonly text: string;
  readonly value: unknown;
}

/** The bounds of a request's body, and the counter of its bytes; null for requests whose body is not read. */
export type BodyRules = {
  readonly bounds: BodyBounds;
  readonly holding: Holding;
  /** Resolves when this many bytes may be parsed; null when they may be parsed at once. */
  readonly turn: (bytes: number) => Promise<void> | null;
} | null;

export const jsonMediaTypes = ["application/json", "application/*+json"];

/**
 * Reads JSON bodies and keeps their text. Bytes are counted and the structure is bounded before anything is parsed. Other media
 * types are a 415; invalid UTF-8 or JSON is a 400.
 */
export function readJsonBodies(
  server: FastifyInstance,
  mediaTypes: string | string[],
  rulesFor: (request: FastifyRequest) => BodyRules,
): void {
  server.removeAllContentTypeParsers();
  // With callbacks instead of promises: every event that is published passes through here.
  server.addContentTypeParser(mediaTypes, (request: FastifyRequest, _stream, done: Done<RequestBody>) => {
    const rules = rulesFor(request);
    if (rules === null) return done(null);
    readBytes(request, rules, (error, bytes = Buffer.alloc(0)) => {
      if (error !== null) return done(error);
      const turn = rules.turn(bytes.length);
      if (turn === null) parseBody(bytes, rules, done);
      else void turn.then(() => parseBody(bytes, rules, done));
    });
  });
}

function readBytes({ raw }: FastifyRequest, { bounds, holding }: Rules, done: Done<Buffer>): void {
  const announced = Number(raw.headers["content-length"] ?? 0);
  if (announced > bounds.bytesMax) {
    done(tooLarge(bounds));
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  let isOver = false;
  const stop = (error: Error) => {
    isOver = true;
    // The rest of the body is read and discarded.
    raw.off("data", take).resume();
    chunks.length = 0;
    done(error);
  };
  const take = (chunk: Buffer) => {
    length += chunk.length;
    if (length > bounds.bytesMax) return stop(tooLarge(bounds));
    try {
      holding.add(chunk.length);
    } catch (error) {
      return stop(error as Error);
    }
    chunks.push(chunk);
  };
  raw.on("data", take);
  raw.on("end", () => {
    if (isOver) return;
    isOver = true;
    const [first] = chunks;
    done(null, chunks.length === 1 ? first : Buffer.concat(chunks, length));
  });
  raw.on("error", (error) => {
    if (!isOver) stop(error);
  });
  raw.on("close", () => {
    if (!isOver) stop(new ApiError("bad_request", "The request ended before its body was complete."));
  });
}

function tooLarge({ bytesMax }: BodyBounds): ApiError {
  return new ApiError("payload_too_large", `The request body is larger than ${bytesMax / 1024} KiB.`);
}

const notUtf8 = { loc: ["body"], msg: "The request body is not valid UTF-8.", type: "value_error.jsondecode" };

function parseBody(bytes: Buffer, { bounds }: Rules, done: Done<RequestBody>): void {
  let body: RequestBody | undefined;
  let failure: Error | null = null;
  try {
    body = parsed(bytes, bounds);
  } catch (error) {
    failure = error as Error;
  }
  done(failure, body);
}

function parsed(bytes: Buffer, bounds: BodyBounds): RequestBody | undefined {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes))
    throw new ApiError("bad_request", "The request body is not valid UTF-8.", { mistakes: [notUtf8] });
  const excess = jsonExcess(bytes, bounds);
  if (excess !== null) throw validationFailed([{ loc: ["body"], ...excessMistake(excess, bounds) }]);
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

/** Describes how a JSON text exceeds a bound. */
export function excessMistake(excess: JsonExcess, bounds: BodyBounds): { msg: string; type: string } {
  const { depthMax, itemsMax, stringBytesMax } = bounds;
  switch (excess) {
    case "depth":
      return { msg: `Objects and arrays are nested more than ${depthMax} levels deep.`, type: "too_deep" };
    case "items":
      return { msg: `It has more than ${itemsMax} members and items in all.`, type: "too_many_items" };
    case "string":
      return { msg: `It has a string of more than ${stringBytesMax} bytes.`, type: "too_long" };
  }
}
