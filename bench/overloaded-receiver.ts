// A receiver in a process of its own that responds after 20 ms and refuses some requests, by the rule in its address.

import { type AddressInfo, createServer, type Server } from "node:net";
import { respondToParent } from "./child.ts";
import { httpMessage } from "./http-message.ts";

const roundTripMs = 20;

export type Overload =
  /** Refuses a share of all requests with a 503, regardless of their rate. */
  | { readonly kind: "share"; readonly share: number }
  /** Accepts this number of requests a second and refuses the others with a 503. */
  | { readonly kind: "capacity"; readonly perSecond: number }
  /** Refuses with a 429 and `Retry-After` after this number of requests, until the pause is over. */
  | { readonly kind: "rest"; readonly requests: number; readonly seconds: number };

let overload: Overload = { kind: "share", share: 0 };
let server: Server | null = null;
let [sent, taken, early] = [0, 0, 0];
let tokens = 0;
let filledAt = performance.now();
let restsUntil = 0;
let sinceRest = 0;

const responses = {
  taken: Buffer.from("HTTP/1.1 204 No Content\r\n\r\n"),
  refused: Buffer.from("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"),
};

function respond(): Buffer {
  sent += 1;
  const response = decide(performance.now());
  if (response === responses.taken) taken += 1;
  return response;
}

function decide(now: number): Buffer {
  switch (overload.kind) {
    case "share":
      return Math.random() < overload.share ? responses.refused : responses.taken;
    case "capacity": {
      const burst = Math.max(2, overload.perSecond / 20);
      tokens = Math.min(burst, tokens + ((now - filledAt) * overload.perSecond) / 1_000);
      filledAt = now;
      if (tokens < 1) return responses.refused;
      tokens -= 1;
      return responses.taken;
    }
    case "rest": {
      // Requests that were under way when the pause was requested do not count.
      if (now < restsUntil && now > restsUntil - overload.seconds * 1_000 + 25 * roundTripMs) early += 1;
      if (now < restsUntil || ++sinceRest <= overload.requests) return responses.taken;
      sinceRest = 0;
      restsUntil = now + overload.seconds * 1_000 + roundTripMs;
      return Buffer.from(
        `HTTP/1.1 429 Too Many Requests\r\nretry-after: ${overload.seconds}\r\ncontent-length: 0\r\n\r\n`,
      );
    }
  }
}

const questions = {
  listen: (selected: Overload): Promise<number> => {
    overload = selected;
    const listening = createServer({ noDelay: true }, (socket) => {
      let rest: Buffer = Buffer.alloc(0);
      socket.on("error", () => socket.destroy());
      socket.on("data", (chunk) => {
        rest = Buffer.concat([rest, chunk]);
        for (let message = httpMessage(rest); message !== null; message = httpMessage(rest)) {
          rest = rest.subarray(message.end);
          const response = respond();
          setTimeout(() => socket.write(response), roundTripMs);
          if (rest.length === 0) break;
        }
      });
    });
    server = listening;
    return new Promise((resolve) => {
      listening.listen(0, "127.0.0.1", 4_096, () => resolve((listening.address() as AddressInfo).port));
    });
  },
  counts: () => ({ sent, taken, early }),
};

export type OverloadedReceiverQuestions = typeof questions;

respondToParent(questions, () => server?.close());
