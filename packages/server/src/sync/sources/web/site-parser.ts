import { limits } from "../../../domain/limits.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { defineTask } from "../../../sandbox/task.ts";
import { SourceError, TransientSourceError } from "../../source.ts";
import type { HtmlPage } from "./html-page.ts";
import type { SiteRequest, SiteResponse, SiteRobots } from "./parse-site.ts";
import type { Sitemap } from "./sitemap.ts";

/** Only the sandbox loads the parsers. */
export const parseSite = defineTask<SiteRequest, SiteResponse>(new URL("./parse-site.ts", import.meta.url));

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  /** A sentence that describes the problem. */
  | { readonly ok: false; readonly reason: string };

export interface SiteParserParts {
  readonly sandbox: Pick<Sandbox, "run">;
  readonly userAgent: string;
  /** The organization that the site is read for. */
  readonly owner: string;
  /** The time limit of one page (ms). */
  readonly timeoutMs: number;
}

/** Parses the pages of one site in a sandbox. A site whose pages repeatedly exceed the limits is given up. */
export class SiteParser {
  readonly #robots: SiteRobots;
  readonly #parts: SiteParserParts;
  #exhausted = 0;

  constructor(robots: SiteRobots, parts: SiteParserParts) {
    this.#robots = robots;
    this.#parts = parts;
  }

  /** Whether robots.txt allows Weft to read an address. */
  allows(address: string): Promise<Parsed<boolean>> {
    return this.#request({ kind: "allows", ...this.#rules(), address });
  }

  /** In seconds, as written in the file. */
  crawlDelay(): Promise<Parsed<number | null>> {
    return this.#request({ kind: "crawlDelay", ...this.#rules() });
  }

  page(html: string, address: string): Promise<Parsed<HtmlPage>> {
    return this.#request({ kind: "page", html, address });
  }

  sitemap(text: string): Promise<Parsed<Sitemap | null>> {
    return this.#request({ kind: "sitemap", text });
  }

  #rules() {
    return { robots: this.#robots, userAgent: this.#parts.userAgent };
  }

  /** Throws a SourceError when the site is given up. */
  async #request<Value>(request: SiteRequest): Promise<Parsed<Value>> {
    const { sandbox, owner, timeoutMs: timeMs } = this.#parts;
    const outcome = await sandbox.run(parseSite, request, { owner, timeMs, bytes: 0 });
    switch (outcome.kind) {
      case "done":
        return { ok: true, value: outcome.value as Value };
      case "failed":
        return { ok: false, reason: `It could not be read: ${outcome.message}` };
      case "too_slow":
        return this.#countExhausted("It takes too long to be read.");
      case "too_large":
        return this.#countExhausted("It needs more memory than one page may use.");
      case "unavailable":
        throw new TransientSourceError(
          "Too many websites are being read by this Weft just now. Run the sync again later.",
        );
    }
  }

  #countExhausted(reason: string): { readonly ok: false; readonly reason: string } {
    this.#exhausted += 1;
    if (this.#exhausted < limits.webPagesUnparsableMax) return { ok: false, reason };
    throw new SourceError(
      `${this.#exhausted} pages of the site needed more time or memory than is given to a page, so it is not read further. Leave them out with \`path_prefix\`.`,
    );
  }
}
