import { limits } from "../../../domain/limits.ts";
import { retryAfterMs } from "../../../domain/retry-after.ts";
import type { ReadResult } from "../../../outbound/http-reader.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import type { Breadcrumb } from "../../../store/entities/interface.ts";
import { CredentialsRefusedError, SourceError, TransientSourceError } from "../../source.ts";
import { type HttpParts, readPatiently } from "../http/read-patiently.ts";
import { parseResponse, type Shapes } from "./parse-response.ts";

type HttpResponse = Extract<ReadResult, { kind: "answered" }>;

export interface ApiSettings {
  /** The organization that requests are made for. */
  readonly owner: string;
  /** The URL without a trailing slash. */
  readonly url: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Returns a valid token, other than the `refused` one if there is another. */
  readonly token: (refused?: string) => Promise<string>;
}

export interface GithubApiParts extends HttpParts {
  /** The sandbox in which responses are parsed. */
  readonly sandbox: Pick<Sandbox, "run">;
}

export interface ApiOptions {
  /** The statuses other than 200 that the caller handles. */
  readonly statuses?: readonly number[];
  readonly accept?: string;
  /** The ETag of a cached response: 304 means that it is unchanged. */
  readonly etag?: string | null;
  readonly bytesMax?: number;
}

export interface ApiResponse {
  readonly status: number;
  readonly body: Buffer;
  readonly etag: string | null;
  /** The URL of the list's next page. */
  readonly next: string | null;
  readonly isTooLarge: boolean;
}

const busyStatuses = [500, 502, 503, 504];
const redirectsMax = 5;
/** GitHub's text for a secondary limit without a time: wait at least a minute, and longer each time. */
const secondaryWaitMs = 60_000;

/** The requests of one job to one repository, at the rate that GitHub allows. No other origin is contacted. */
export class GithubApi {
  readonly #settings: ApiSettings;
  readonly #parts: GithubApiParts;
  readonly #signal: AbortSignal;
  /** When requests are allowed again (Unix ms). */
  #freeAt = 0;

  constructor(settings: ApiSettings, parts: GithubApiParts, signal: AbortSignal) {
    this.#settings = settings;
    this.#parts = parts;
    this.#signal = signal;
  }

  /** The repository, which contains all entities. */
  get breadcrumb(): Breadcrumb {
    const { repository } = this.#settings;
    return { id: repository, type: "repository", name: repository };
  }

  /** A URL below the repository. */
  address(path: string): string {
    return `${this.#settings.url}/repos/${this.#settings.repository}/${path}`;
  }

  /** Throws a SourceError for statuses that the caller does not handle, and the signal's reason when that aborts. */
  async get(address: string, params: ApiOptions = {}): Promise<ApiResponse> {
    let at = address;
    for (let waits = 0, redirects = 0; ; ) {
      await this.#rest(this.#freeAt - this.#parts.clock.now());
      const response = await this.#send(at, params);
      if (isLimited(response)) {
        if (waits === limits.githubWaitsMax) throw this.#limited(this.#parts.clock.now());
        await this.#rest(this.#waitMs(response, waits));
        waits += 1;
      } else if ([301, 302, 307, 308].includes(response.status) && redirects < redirectsMax) {
        at = this.#within(new URL(response.headers.location ?? "", at).href);
        redirects += 1;
      } else {
        return this.#understood(response, params);
      }
    }
  }

  /** The parsed JSON of a response in the expected form. Throws a SourceError otherwise. */
  async parse<Shape extends keyof Shapes>(shape: Shape, { body, isTooLarge }: ApiResponse): Promise<Shapes[Shape]> {
    if (isTooLarge) throw new SourceError(`GitHub's response has more than ${limits.githubResponseBytesMax} bytes.`);
    const options = { owner: this.#settings.owner, bytes: body.length, timeMs: limits.githubResponseMs };
    const outcome = await this.#parts.sandbox.run(parseResponse, { shape, text: body.toString("utf8") }, options);
    if (outcome.kind === "done" && outcome.value !== null) return outcome.value as Shapes[Shape];
    throw outcome.kind === "unavailable"
      ? new TransientSourceError("This Weft is reading too many sources now. Run the sync again later.")
      : new SourceError("The response is not from GitHub's API, or has an unknown form. Check `api_url`.");
  }

  async #send(url: string, params: ApiOptions): Promise<HttpResponse> {
    const token = await this.#settings.token();
    const response = await this.#requestWith(token, url, params);
    if (response.status !== 401) return response;
    const another = await this.#settings.token(token);
    return another === token ? response : await this.#requestWith(another, url, params);
  }

  async #requestWith(token: string, url: string, { accept, etag, bytesMax }: ApiOptions): Promise<HttpResponse> {
    const headers = {
      "user-agent": "Weft",
      accept: accept ?? "application/vnd.github+json",
      "accept-encoding": "identity",
      "x-github-api-version": "2022-11-28",
      authorization: `Bearer ${token}`,
      ...(typeof etag === "string" && { "if-none-match": etag }),
    };
    const { owner } = this.#settings;
    const request = { url, headers, owner, bytesMax: bytesMax ?? limits.githubResponseBytesMax, signal: this.#signal };
    const response = await readPatiently(this.#parts, request, busyStatuses);
    if (response.kind === "answered") {
      if (response.headers["x-ratelimit-remaining"] === "0") this.#freeAt = resetAt(response) ?? 0;
      return response;
    }
    const { host } = new URL(url);
    throw new SourceError(
      response.reason === "blocked_address"
        ? `The host ${host} is at an address that this Weft may not connect to.`
        : `GitHub at ${host} cannot be reached: ${response.detail}`,
    );
  }

  #understood(response: HttpResponse, { statuses = [] }: ApiOptions): ApiResponse {
    const { status, headers, body, cut } = response;
    if (status !== 200 && !statuses.includes(status)) throw this.#refusal(status);
    if ((headers["content-encoding"] ?? "identity") !== "identity") {
      throw new SourceError("GitHub compressed its response, although the request did not allow that.");
    }
    const next = nextPage(headers.link ?? "");
    const etag = headers.etag ?? null;
    return { status, body, etag, next: next === null ? null : this.#within(next), isTooLarge: cut === "too_large" };
  }

  #refusal(status: number): SourceError {
    const { repository } = this.#settings;
    switch (status) {
      case 401:
        return new CredentialsRefusedError("GitHub refused the token: it is wrong or has expired.");
      case 403:
        return new CredentialsRefusedError(
          `The token does not have access to this part of ${repository}. It needs the right to read issues, pull requests and contents.`,
        );
      case 404:
        return new SourceError(`The repository ${repository} does not exist, or the token does not give access to it.`);
      default:
        return new SourceError(`GitHub answered ${status}.`);
    }
  }

  #within(address: string): string {
    if (address.startsWith(`${this.#settings.url}/`)) return address;
    throw new SourceError("GitHub's response leads to another address than `api_url`, which is not followed.");
  }

  #waitMs(response: HttpResponse, waits: number): number {
    const now = this.#parts.clock.now();
    const requestedMs = retryAfterMs(response.headers["retry-after"] ?? null, now);
    if (requestedMs !== null) return requestedMs;
    const at = response.headers["x-ratelimit-remaining"] === "0" ? resetAt(response) : null;
    return at === null ? secondaryWaitMs * 2 ** waits : Math.max(at - now, 0);
  }

  async #rest(ms: number): Promise<void> {
    if (ms <= 0) return;
    const { clock } = this.#parts;
    if (ms > limits.githubWaitMsMax) throw this.#limited(clock.now() + ms);
    await clock.sleep(ms, this.#signal);
    this.#signal.throwIfAborted();
  }

  #limited(until: number): SourceError {
    const time = new Date(until).toISOString().replace(/\.\d+Z$/, "Z");
    return new SourceError(`GitHub's rate limit for the token is used up until ${time} or later. Sync again then.`);
  }
}

function isLimited({ status, headers, body }: HttpResponse): boolean {
  if (status !== 403 && status !== 429) return false;
  if (status === 429 || headers["retry-after"] !== undefined || headers["x-ratelimit-remaining"] === "0") return true;
  return /secondary rate limit|abuse detection/i.test(body.toString("utf8", 0, 2_000));
}

/** When the limit resets, plus a second, because clocks differ (Unix ms). */
function resetAt({ headers }: HttpResponse): number | null {
  const seconds = Number(headers["x-ratelimit-reset"] ?? Number.NaN);
  return Number.isSafeInteger(seconds) && seconds < 1e11 ? (seconds + 1) * 1_000 : null;
}

function nextPage(link: string): string | null {
  for (const [, address, parameters] of link.matchAll(/<([^<>]{1,4000})>([^<>]{0,500})/g)) {
    if (address !== undefined && /;\s*rel="?next"?/.test(parameters ?? "")) return address;
  }
  return null;
}
