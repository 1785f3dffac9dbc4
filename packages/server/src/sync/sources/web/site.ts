import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { limits } from "../../../domain/limits.ts";
import type { ReadResult, ResponseHead } from "../../../outbound/http-reader.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { SourceError } from "../../source.ts";
import { type HttpParts, readPatiently } from "../http/read-patiently.ts";
import { decodeText } from "./decode-text.ts";
import { siteAddress } from "./page-address.ts";
import { SiteParser } from "./site-parser.ts";
import type { Sitemap } from "./sitemap.ts";

export interface SiteParts extends HttpParts {
  /** The sandbox in which its pages are parsed. */
  readonly sandbox: Pick<Sandbox, "run">;
  /** The time limit for processing one page outside the event loop (ms). */
  readonly thoughtMsMax?: number;
}

/** The result of a request, after its redirects. */
export type Visit =
  | {
      readonly kind: "answered";
      readonly address: string;
      readonly response: Extract<ReadResult, { kind: "answered" }>;
    }
  /** It leads to a page that is, or will be, read separately. */
  | { readonly kind: "known" }
  | { readonly kind: "forbidden"; readonly address: string }
  | { readonly kind: "refused"; readonly address: string; readonly reason: string; readonly isPassing: boolean };

export interface VisitOptions {
  readonly bytesMax: number;
  readonly readsBody: (head: ResponseHead) => boolean;
  /** The validator to send, for each address on the way. */
  readonly condition: (address: string) => Promise<Record<string, string>>;
  /** Returns whether a redirect's target is unvisited, and marks it as visited. */
  readonly claim: (address: string) => boolean;
}

const userAgent = "Weft";
const busyStatuses = [429, 500, 502, 503, 504];

/** One site: its requests, their rate, and the permissions of its robots.txt. */
export class Site {
  readonly origin: string;
  readonly parser: SiteParser;
  readonly #parts: SiteParts;
  readonly #owner: string;
  readonly #signal: AbortSignal;
  #paceMs = 0;

  private constructor(
    origin: string,
    parser: SiteParser,
    { parts, owner, signal }: { parts: SiteParts; owner: string; signal: AbortSignal },
  ) {
    this.origin = origin;
    this.parser = parser;
    this.#parts = parts;
    this.#owner = owner;
    this.#signal = signal;
  }

  now(): number {
    return this.#parts.clock.now();
  }

  /** Throws a SourceError when the site cannot be reached or its rules cannot be read. */
  static async open(
    origin: string,
    parts: SiteParts,
    { owner, signal }: { owner: string; signal: AbortSignal },
  ): Promise<Site> {
    const at = `${origin}/robots.txt`;
    const rules = await readRobots(at, parts, { owner, signal });
    const timeoutMs = parts.thoughtMsMax ?? limits.webPageThoughtMs;
    const { sandbox } = parts;
    const parser = new SiteParser({ address: at, text: rules }, { sandbox, userAgent, owner, timeoutMs });
    const site = new Site(origin, parser, { parts, owner, signal });
    const delay = await parser.crawlDelay();
    if (!delay.ok) throw new SourceError(`The site's robots.txt: ${delay.reason}`);
    site.#paceMs = Math.min(Math.max(delay.value ?? 0, 0) * 1_000, limits.webCrawlDelayMsMax);
    return site;
  }

  /** Throws the signal's reason when that aborts. */
  async visit(address: string, options: VisitOptions): Promise<Visit> {
    const seen = new Set([address]);
    for (let at = address; ; ) {
      const allowed = await this.parser.allows(at);
      if (!allowed.ok || !allowed.value) return { kind: "forbidden", address: at };
      await this.#parts.clock.sleep(this.#paceMs, this.#signal);
      this.#signal.throwIfAborted();
      const response = await get(this.#parts, at, {
        ...options,
        headers: await options.condition(at),
        owner: this.#owner,
        signal: this.#signal,
      });
      if (response.kind === "unanswered") {
        return { kind: "refused", address: at, reason: response.detail, isPassing: true };
      }
      if (!isRedirect(response)) return { kind: "answered", address: at, response };
      const to = redirectedTo(response, at);
      const reason = to.ok ? circle(seen, to.value) : to.reason;
      if (!to.ok || reason !== null) return { kind: "refused", address: at, reason: reason ?? "", isPassing: false };
      if (!options.claim(to.value)) return { kind: "known" };
      seen.add(to.value);
      at = to.value;
    }
  }

  /** Null with a reason when no sitemap is available there. */
  async sitemap(address: string): Promise<{ sitemap: Sitemap } | { reason: string }> {
    const visit = await this.visit(address, {
      bytesMax: limits.webSitemapBytesMax,
      readsBody: ({ status }) => status === 200,
      condition: async () => ({}),
      claim: () => true,
    });
    if (visit.kind === "forbidden") return { reason: "robots.txt forbids it." };
    if (visit.kind === "refused") return { reason: visit.reason };
    if (visit.kind === "known") return { reason: "It leads in a circle." };
    const { response } = visit;
    if (response.status !== 200) return { reason: `The site returned ${response.status}.` };
    if (response.cut !== null) return { reason: `It is larger than ${limits.webSitemapBytesMax} bytes.` };
    const encoding = encodingOf(response);
    if (encoding !== null) return { reason: compressed(encoding) };
    const bytes = await unzipped(response.body);
    if (bytes === null) return { reason: `Unzipped, it is broken or larger than ${limits.webSitemapBytesMax} bytes.` };
    const text = decodeText(bytes, { contentType: response.headers["content-type"] ?? "", isHtml: false });
    if (!text.ok) return { reason: text.reason };
    const parsed = await this.parser.sitemap(text.text);
    if (!parsed.ok) return { reason: parsed.reason };
    return parsed.value === null ? { reason: "It is no sitemap." } : { sitemap: parsed.value };
  }
}

/** The encoding of a body that was requested without one; null for none. */
export function encodingOf({ headers }: ResponseHead): string | null {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "";
  return encoding === "" || encoding === "identity" ? null : encoding;
}

export function compressed(encoding: string): string {
  return `It is compressed (${encoding.slice(0, 40)}), although the request did not allow that.`;
}

/** The rules as text. A missing file means no rules; a file that cannot be read forbids access (RFC 9309, 2.3.1). */
async function readRobots(
  address: string,
  parts: SiteParts,
  asking: { owner: string; signal: AbortSignal },
): Promise<string> {
  const seen = new Set([address]);
  const options = { bytesMax: limits.webRobotsBytesMax, headers: {}, ...asking };
  for (let at = address; ; ) {
    const response = await get(parts, at, options);
    if (response.kind === "unanswered") throw unreachable(address, response);
    if (isRedirect(response)) {
      const to = redirectedTo(response, at);
      if (!to.ok || circle(seen, to.value) !== null) return "";
      seen.add(to.value);
      at = to.value;
      continue;
    }
    if (response.status === 429 || response.status >= 500) {
      const failure = `The site returned ${response.status} for its robots.txt.`;
      throw new SourceError(`${failure} Without that no page may be read.`);
    }
    return response.status === 200 && encodingOf(response) === null ? response.body.toString("utf8") : "";
  }
}

function unreachable(address: string, { reason, detail }: Extract<ReadResult, { kind: "unanswered" }>): SourceError {
  const { host } = new URL(address);
  if (reason === "blocked_address") {
    return new SourceError(`The host ${host} is at an address that this Weft may not connect to.`);
  }
  return new SourceError(`The site ${host} cannot be read: ${detail}`);
}

interface Get {
  readonly headers: Readonly<Record<string, string>>;
  readonly bytesMax: number;
  readonly readsBody?: (head: ResponseHead) => boolean;
  readonly owner: string;
  readonly signal: AbortSignal;
}

function get(parts: SiteParts, url: string, { headers, ...request }: Get): Promise<ReadResult> {
  const own = { "user-agent": userAgent, accept: "text/html, text/markdown, text/plain, */*;q=0.1" };
  const all = { ...own, "accept-encoding": "identity", ...headers };
  return readPatiently(parts, { url, headers: all, ...request }, busyStatuses);
}

function isRedirect({ status }: ResponseHead): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

function redirectedTo(
  { headers }: ResponseHead,
  from: string,
): { ok: true; value: string } | { ok: false; reason: string } {
  const { origin } = new URL(from);
  const target = URL.parse(headers.location ?? "", from);
  if (headers.location === undefined || target === null) {
    return { ok: false, reason: "It redirects without a target." };
  }
  const value = siteAddress(target.href, origin);
  return value === null
    ? { ok: false, reason: "It redirects to another host, scheme or port, which is not followed." }
    : { ok: true, value };
}

function circle(seen: ReadonlySet<string>, next: string): string | null {
  if (seen.has(next)) return "It redirects in a circle.";
  return seen.size > limits.webRedirectsMax ? `It redirects more than ${limits.webRedirectsMax} times.` : null;
}

const unzip = promisify(gunzip);

/** A sitemap may be a gzip file. Null when it is not a sitemap, or too large. */
async function unzipped(bytes: Buffer): Promise<Buffer | null> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  return await unzip(bytes, { maxOutputLength: limits.webSitemapBytesMax }).catch(() => null);
}
