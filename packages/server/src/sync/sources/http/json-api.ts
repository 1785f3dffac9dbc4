import { limits } from "../../../domain/limits.ts";
import { retryAfterMs } from "../../../domain/retry-after.ts";
import type { ReadRequest, ReadResult } from "../../../outbound/http-reader.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import type { SandboxTask } from "../../../sandbox/task.ts";
import { CredentialsRefusedError, SourceError, TransientSourceError } from "../../source.ts";
import { type HttpParts, readPatiently } from "./read-patiently.ts";
import type { ApiResponseText, ParsedResponse, ReportedError } from "./response-shapes.ts";

export interface JsonApiParts extends HttpParts {
  /** The sandbox in which responses are parsed. */
  readonly sandbox: Pick<Sandbox, "run">;
}

/** The head of a response, and the error that its body reports. */
export interface ApiReply {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly error: ReportedError | null;
  readonly now: number;
}

export type Verdict =
  /** The token is not accepted. The request is repeated with another one, if there is one. */
  | { readonly kind: "unauthorized" }
  /** The request is repeated after a wait; null where the API does not say how long. */
  | { readonly kind: "limited"; readonly waitMs: number | null }
  | { readonly kind: "refused"; readonly error: SourceError };

/** The conventions of one provider's API. */
export interface ApiDialect {
  /** The provider's name in error messages. */
  readonly name: string;
  /** The setting that determines the URL, for error messages. */
  readonly urlSetting: string;
  readonly task: SandboxTask<ApiResponseText, ParsedResponse>;
  readonly headers: Readonly<Record<string, string>>;
  /** The value of the header `authorization`. */
  readonly authorization: (token: string) => string;
  /** The verdict on a response that differs from its status; null where the status decides. */
  readonly judge: (reply: ApiReply) => Verdict | null;
  /** When the API accepts requests again after this response (Unix ms); null where it accepts them now. */
  readonly freeAt?: (reply: Pick<ApiReply, "headers" | "now">) => number | null;
}

export interface JsonApiSettings {
  /** The organization that requests are made for. */
  readonly owner: string;
  /** The URL without a trailing slash. No request leaves it. */
  readonly url: string;
  /** Returns a valid token, other than the `refused` one if there is another. */
  readonly token: (refused?: string) => Promise<string>;
}

export interface JsonRequest<Shape> {
  /** The expected form of the response. */
  readonly shape: Shape;
  /** A path below the API's URL with its query, or a URL from a response. */
  readonly address: string;
  /** Sent as JSON in a POST; otherwise the request is a GET. */
  readonly body?: unknown;
  /** Error codes, or statuses, for which the result is null. */
  readonly absent?: readonly (string | number)[];
}

export type ApiOutcome<Value> =
  | { readonly kind: "value"; readonly value: Value }
  /** `code`: the error's code, or the status of a response without one. */
  | { readonly kind: "absent"; readonly code: string };

const busyStatuses = [500, 502, 503, 504, 529];
/** The wait for a limit without a time. It doubles each time. */
const waitMsMin = 60_000;

/**
 * The requests of one job to a JSON API: with a valid token, at the rate that the provider allows, and within limits of time,
 * size and waits. Responses are parsed in a sandbox.
 */
export class JsonApi<Shapes> {
  readonly #dialect: ApiDialect;
  readonly #settings: JsonApiSettings;
  readonly #parts: JsonApiParts;
  readonly #signal: AbortSignal;
  /** When requests are allowed again (Unix ms). */
  #freeAt = 0;

  constructor(dialect: ApiDialect, settings: JsonApiSettings, parts: JsonApiParts, signal: AbortSignal) {
    this.#dialect = dialect;
    this.#settings = settings;
    this.#parts = parts;
    this.#signal = signal;
  }

  get providerName(): string {
    return this.#dialect.name;
  }

  /** Null for the errors in `absent`. Throws a SourceError for others, and the signal's reason when that aborts. */
  async request<Shape extends keyof Shapes & string>(request: JsonRequest<Shape>): Promise<Shapes[Shape] | null> {
    const outcome = await this.attempt(request);
    return outcome.kind === "value" ? outcome.value : null;
  }

  /** As `request`, for a caller that distinguishes the errors in `absent`. */
  async attempt<Shape extends keyof Shapes & string>(request: JsonRequest<Shape>): Promise<ApiOutcome<Shapes[Shape]>> {
    const url = this.#within(request.address);
    let refused: string | undefined;
    for (let waits = 0; ; ) {
      await this.#rest(this.#freeAt - this.#parts.clock.now());
      const token = await this.#settings.token(refused);
      if (token === refused) throw this.#refusedToken();
      const response = await this.#send(url, token, request);
      const parsed = await this.#parse(response, request.shape);
      const error = parsed.kind === "error" ? parsed.error : null;
      const reply = { ...response, error, now: this.#parts.clock.now() };
      const isAbsent = request.absent?.some((one) => one === (typeof one === "number" ? reply.status : error?.code));
      const verdict = isAbsent === true ? null : (this.#dialect.judge(reply) ?? this.#verdictByStatus(reply));
      this.#freeAt = verdict === null ? (this.#dialect.freeAt?.(reply) ?? 0) : 0;
      if (isAbsent === true) return { kind: "absent", code: error?.code ?? String(reply.status) };
      if (verdict === null) return { kind: "value", value: this.#valueOf<Shape>(parsed) };
      if (verdict.kind === "refused") throw verdict.error;
      if (verdict.kind === "limited") {
        if (waits === limits.apiWaitsMax) throw this.#limited(reply.now);
        await this.#rest(verdict.waitMs ?? waitMsMin * 2 ** waits);
        waits += 1;
        continue;
      }
      if (refused !== undefined) throw this.#refusedToken();
      refused = token;
    }
  }

  /** As `request`, for a response that must exist. */
  async require<Shape extends keyof Shapes & string>(request: JsonRequest<Shape>): Promise<Shapes[Shape]> {
    const value = await this.request(request);
    if (value === null) throw this.#unknownForm();
    return value;
  }

  async #send(url: string, token: string, { body }: JsonRequest<unknown>) {
    const { name, headers, authorization } = this.#dialect;
    const request: ReadRequest = {
      url,
      headers: {
        "user-agent": "Weft",
        accept: "application/json",
        "accept-encoding": "identity",
        authorization: authorization(token),
        ...headers,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { method: "POST", requestBody: JSON.stringify(body) }),
      owner: this.#settings.owner,
      bytesMax: limits.sourceResponseBytesMax,
      signal: this.#signal,
    };
    const response = await readPatiently(this.#parts, request, busyStatuses);
    if (response.kind === "answered") return this.#readable(response);
    const { host } = new URL(url);
    if (response.reason === "blocked_address") {
      throw new SourceError(`The host ${host} is at an address that this Weft may not connect to.`);
    }
    throw new TransientSourceError(`${name} at ${host} cannot be reached: ${response.detail}`);
  }

  #readable(response: Extract<ReadResult, { kind: "answered" }>) {
    const { name } = this.#dialect;
    if (response.cut !== null) {
      throw new SourceError(`A response of ${name} has more than ${limits.sourceResponseBytesMax} bytes.`);
    }
    if ((response.headers["content-encoding"] ?? "identity") !== "identity") {
      throw new SourceError(`${name} compressed its response, although the request did not allow that.`);
    }
    return response;
  }

  async #parse({ body }: { readonly body: Buffer }, shape: string): Promise<ParsedResponse> {
    const options = { owner: this.#settings.owner, bytes: body.length, timeMs: limits.apiParseMs };
    const outcome = await this.#parts.sandbox.run(this.#dialect.task, { shape, text: body.toString("utf8") }, options);
    this.#signal.throwIfAborted();
    if (outcome.kind === "done") return outcome.value;
    if (outcome.kind !== "unavailable") return { kind: "unknown" };
    throw new TransientSourceError("This Weft is reading too many sources now. Run the sync again later.");
  }

  #valueOf<Shape extends keyof Shapes>(parsed: ParsedResponse): Shapes[Shape] {
    if (parsed.kind === "value") return parsed.value as Shapes[Shape];
    if (parsed.kind === "error") throw this.#reported(parsed.error);
    throw this.#unknownForm();
  }

  #verdictByStatus({ status, headers, error, now }: ApiReply): Verdict | null {
    const { name, urlSetting } = this.#dialect;
    if (status === 200) return null;
    if (status === 401) return { kind: "unauthorized" };
    if (status === 429) return { kind: "limited", waitMs: retryAfterMs(headers["retry-after"] ?? null, now) };
    if (status === 403)
      return refusal(new CredentialsRefusedError(`The token does not have access to ${name}'s data.`));
    if (status >= 300 && status < 400) {
      const sentence = `${name} redirected a request, which is not followed. Check \`${urlSetting}\`.`;
      return refusal(new SourceError(sentence));
    }
    if (busyStatuses.includes(status)) {
      const retryMs = retryAfterMs(headers["retry-after"] ?? null, now);
      const options = retryMs === null ? {} : { retryAfterMs: retryMs };
      return refusal(new TransientSourceError(`${name} returned ${status}.`, options));
    }
    return refusal(error === null ? new SourceError(`${name} returned ${status}.`) : this.#reported(error));
  }

  #reported({ code, detail }: ReportedError): SourceError {
    return new SourceError(`${this.#dialect.name} returned the error ${code}${detail === null ? "." : `: ${detail}`}`);
  }

  #unknownForm(): SourceError {
    const { name, urlSetting } = this.#dialect;
    return new SourceError(`The response is not from ${name}'s API, or has an unknown form. Check \`${urlSetting}\`.`);
  }

  #refusedToken(): CredentialsRefusedError {
    return new CredentialsRefusedError(
      `${this.#dialect.name} refused the token: it is wrong, was revoked or has expired.`,
    );
  }

  #within(address: string): string {
    const { url } = this.#settings;
    const absolute = address.startsWith("/") ? `${url}${address}` : URL.parse(address)?.href;
    if (absolute?.startsWith(`${url}/`)) return absolute;
    const { name, urlSetting } = this.#dialect;
    throw new SourceError(
      `A response of ${name} leads to another address than \`${urlSetting}\`, which is not followed.`,
    );
  }

  async #rest(ms: number): Promise<void> {
    if (ms <= 0) return;
    const { clock } = this.#parts;
    if (ms > limits.apiWaitMsMax) throw this.#limited(clock.now() + ms);
    await clock.sleep(ms, this.#signal);
    this.#signal.throwIfAborted();
  }

  #limited(until: number): SourceError {
    const time = new Date(until).toISOString().replace(/\.\d+Z$/, "Z");
    return new SourceError(
      `The rate limit of ${this.#dialect.name} is used up until ${time} or later. Sync again then.`,
    );
  }
}

function refusal(error: SourceError): Verdict {
  return { kind: "refused", error };
}
