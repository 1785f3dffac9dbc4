import { Worker } from "node:worker_threads";
import type { HtmlPage } from "./html-page.ts";
import type { Sitemap } from "./sitemap.ts";

export interface SiteRobots {
  /** Where the rules were read. */
  readonly address: string;
  readonly text: string;
}

export type SiteAsk =
  | { readonly kind: "allows"; readonly address: string }
  | { readonly kind: "crawlDelay" }
  | { readonly kind: "page"; readonly address: string; readonly html: string }
  | { readonly kind: "sitemap"; readonly text: string };

export type SiteAnswer =
  | { readonly ok: true; readonly value: unknown }
  /** A sentence of why not. */
  | { readonly ok: false; readonly reason: string };

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string };

const heapMegabytesMax = 256;
const stackMegabytes = 4;

/** Parses what one site says in a thread of its own, one thing at a time. A thread that does not come back is ended. */
export class SiteParser implements AsyncDisposable {
  readonly #data: { readonly robots: SiteRobots; readonly userAgent: string };
  readonly #timeoutMs: number;
  #thread: Worker | null = null;

  constructor(robots: SiteRobots, { userAgent, timeoutMs }: { userAgent: string; timeoutMs: number }) {
    this.#data = { robots, userAgent };
    this.#timeoutMs = timeoutMs;
  }

  /** Whether robots.txt lets Weft read an address. */
  allows(address: string): Promise<Parsed<boolean>> {
    return this.#ask({ kind: "allows", address });
  }

  /** In seconds, as it stands there. */
  crawlDelay(): Promise<Parsed<number | null>> {
    return this.#ask({ kind: "crawlDelay" });
  }

  page(html: string, address: string): Promise<Parsed<HtmlPage>> {
    return this.#ask({ kind: "page", html, address });
  }

  sitemap(text: string): Promise<Parsed<Sitemap | null>> {
    return this.#ask({ kind: "sitemap", text });
  }

  async #ask<Value>(ask: SiteAsk): Promise<Parsed<Value>> {
    const thread = this.#thread ?? this.#start();
    const { promise, resolve } = Promise.withResolvers<SiteAnswer>();
    const onError = () => resolve({ ok: false, reason: "It needs more memory than is given to one page." });
    const timer = setTimeout(() => resolve({ ok: false, reason: "It takes too long to be read." }), this.#timeoutMs);
    let isAnswered = false;
    const onMessage = (answer: SiteAnswer) => {
      isAnswered = true;
      resolve(answer);
    };
    thread.once("message", onMessage).once("error", onError);
    thread.postMessage(ask);
    const answer = await promise;
    clearTimeout(timer);
    thread.off("message", onMessage).off("error", onError);
    if (!isAnswered) await this[Symbol.asyncDispose]();
    return answer as Parsed<Value>;
  }

  #start(): Worker {
    const thread = new Worker(new URL("./site-thread.ts", import.meta.url), {
      workerData: this.#data,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax, stackSizeMb: stackMegabytes },
    });
    this.#thread = thread;
    return thread;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    // What it still says is of no interest.
    thread?.on("error", () => {});
    await thread?.terminate();
  }
}
