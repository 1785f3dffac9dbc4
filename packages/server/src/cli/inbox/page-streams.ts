import type { ServerResponse } from "node:http";
import type { Arrivals } from "./arrivals.ts";
import { summaryOf } from "./facts.ts";

const streamsMax = 20;
const commentEveryMs = 15_000;
/** A reader that is further behind is disconnected, and starts again with the current state. */
const waitingBytesMax = 4 * 1024 * 1024;

/** Sends received requests to pages as server-sent events: first all that are kept, then each change. */
export class PageStreams {
  readonly #arrivals: Arrivals;
  readonly #hasSecret: boolean;
  #count = 0;

  constructor(arrivals: Arrivals, hasSecret: boolean) {
    this.#arrivals = arrivals;
    this.#hasSecret = hasSecret;
  }

  open(response: ServerResponse): void {
    if (this.#count >= streamsMax) {
      response.writeHead(503, { "retry-after": "5" }).end();
      return;
    }
    this.#count += 1;
    response.writeHead(200, { "content-type": "text/event-stream", "x-accel-buffering": "no" });
    const emit = (event: string, data: object) => {
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      if (response.writableLength > waitingBytesMax) response.destroy();
    };
    const { answer, kept } = this.#arrivals;
    emit("state", { answer, has_secret: this.#hasSecret, arrivals: kept.map(summaryOf) });
    const leave = this.#arrivals.follow((change) => {
      if (change.kind === "arrived") {
        emit("arrived", { ...summaryOf(change.arrival), oldest: this.#arrivals.kept[0]?.number });
      } else if (change.kind === "answer") emit("answer", change.answer);
      else emit("cleared", {});
    });
    const alive = setInterval(() => void response.write(":\n\n"), commentEveryMs);
    response.on("close", () => {
      this.#count -= 1;
      clearInterval(alive);
      leave();
    });
  }
}
