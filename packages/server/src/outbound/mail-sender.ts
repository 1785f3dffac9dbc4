import type { Transporter } from "nodemailer";
import type { Exchange } from "../domain/exchange.ts";
import { aborted, timedOut, type Unanswered } from "./unanswered.ts";

export interface Mail {
  /** One address. */
  readonly to: string;
  /** One line. */
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
  /** The text before the @ of its message id, equal for equal mails. */
  readonly id: string;
  /** Equal for all mails that mail clients should show as a thread. */
  readonly thread: string;
}

export interface MailSenderOptions {
  /**
   * `smtp://user:password@host:587` or `smtps://…`; null when no mail is sent. The operator configures it, so that the guard
   * does not apply.
   */
  readonly url: string | null;
  /** Such as `Weft <weft@example.com>`. */
  readonly from: string | null;
  /** Limits a whole exchange with the server. */
  readonly timeoutMs: number;
  /** Limits the server's replies. */
  readonly responseLengthMax: number;
}

const connectionsMax = 4;

type Came = Omit<Extract<Exchange, { kind: "answered" }>, "durationMs"> | ({ kind: "unanswered" } & Unanswered);

/**
 * Sends mail through one SMTP server. Its reply code is the response: like HTTP, SMTP accepts with 2xx and refuses with 4xx and
 * 5xx.
 */
export class MailSender {
  readonly #options: MailSenderOptions;
  #transport: Promise<Transporter> | null = null;
  readonly #domain: string;
  readonly #waiting: (() => void)[] = [];
  readonly #underWay = new Set<(came: Came) => void>();
  #connections = 0;
  #closed = false;

  constructor(options: MailSenderOptions) {
    this.#options = options;
    this.#domain = /@([\w.-]+)/.exec(options.from ?? "")?.[1] ?? "localhost";
  }

  /** Never rejects. */
  async send(mail: Mail): Promise<Exchange> {
    const startedAt = performance.now();
    const came = await this.#cameOf(mail);
    return { ...came, durationMs: Math.round(performance.now() - startedAt) };
  }

  /** Returns `aborted` for running and all further mails. A connection ends by its own time limit. */
  destroy(): void {
    this.#closed = true;
    for (const reply of this.#underWay) reply({ kind: "unanswered", ...aborted });
  }

  #cameOf(mail: Mail): Promise<Came> {
    const { url, timeoutMs } = this.#options;
    if (url === null) return Promise.resolve({ kind: "unanswered", ...noServer });
    if (this.#closed) return Promise.resolve({ kind: "unanswered", ...aborted });
    this.#transport ??= openTransport(url, timeoutMs);
    const transport = this.#transport;
    return new Promise((resolve) => {
      const reply = (came: Came) => {
        if (!this.#underWay.delete(reply)) return;
        clearTimeout(timer);
        resolve(came);
      };
      const timer = setTimeout(() => reply({ kind: "unanswered", ...timedOut("answer", timeoutMs) }), timeoutMs);
      this.#underWay.add(reply);
      const begin = async () => {
        // Its time may have run out while it waited; the caller retries it.
        if (this.#underWay.has(reply)) reply(await this.#exchange(transport, mail));
        this.#connections--;
        this.#startNext();
      };
      this.#waiting.push(() => void begin());
      this.#startNext();
    });
  }

  #startNext(): void {
    if (this.#connections >= connectionsMax) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#connections++;
    next();
  }

  async #exchange(transport: Promise<Transporter>, { to, subject, text, id, thread }: Mail): Promise<Came> {
    try {
      const sent = await (await transport).sendMail({
        from: this.#options.from ?? "",
        to: { name: "", address: to },
        subject,
        text,
        messageId: `<${id}@${this.#domain}>`,
        references: `<${thread}@${this.#domain}>`,
        headers: { "Auto-Submitted": "auto-generated" },
      });
      const { response = "" } = sent;
      return this.#answered(codeIn(response) ?? 250, response);
    } catch (error) {
      const { responseCode, response } = error as { responseCode?: unknown; response?: unknown };
      if (typeof responseCode === "number" && typeof response === "string")
        return this.#answered(responseCode, response);
      return { kind: "unanswered", ...whyUnsent(error as Error) };
    }
  }

  #answered(status: number, response: string): Came {
    const body = response.toWellFormed().replaceAll("\0", "").slice(0, this.#options.responseLengthMax);
    return { kind: "answered", status, headers: {}, body, truncated: null };
  }
}

function codeIn(response: string): number | null {
  const code = Number(/^\d{3}/.exec(response)?.[0]);
  return Number.isInteger(code) && code > 0 ? code : null;
}

const noServer: Unanswered = {
  reason: "connect",
  detail: "This Weft cannot send e-mail, because its operator has set no mail server (WEFT_SMTP_URL).",
};

// Built from codes, because the messages of Node and OpenSSL contain addresses and names. Source: https://nodemailer.com/errors
function whyUnsent(error: Error): Unanswered {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  switch (code) {
    case "EDNS":
      return { reason: "dns", detail: "The mail server's name could not be resolved." };
    case "ETIMEDOUT":
      return { reason: "timeout", detail: "The mail server did not respond in time." };
    case "ETLS":
    case "EREQUIRETLS":
      return { reason: "tls", detail: "No encrypted connection to the mail server could be made." };
    case "EAUTH":
    case "ENOAUTH":
      return { reason: "protocol", detail: "The mail server refused the log-in of this Weft." };
    case "EPROTOCOL":
      return { reason: "protocol", detail: "The mail server's response is not SMTP." };
    default:
      return { reason: "connect", detail: `The mail server could not be reached (${code}).` };
  }
}

/** The library is loaded with the first mail. */
async function openTransport(url: string, timeoutMs: number): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  // Each mail uses its own connection: a pool would resend by itself, and those attempts would not be recorded.
  return createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
