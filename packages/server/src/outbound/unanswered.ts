import type { UnreachableReason } from "../domain/attempt.ts";
import { BlockedAddressError, ConnectError } from "./connector.ts";
import { ProxyError } from "./proxy/proxy-error.ts";

/**
 * Why no response arrived, with a sentence for it. Built from codes, because the messages of Node and OpenSSL contain addresses
 * and names.
 */
export interface Unanswered {
  reason: UnreachableReason;
  detail: string;
}

/** The event that ended an exchange before its response had a status. */
export function whyUnanswered(error: Error): Unanswered {
  if (error instanceof BlockedAddressError) return { reason: "blocked_address", detail: error.message };
  if (error instanceof ConnectError) return whyUnconnected(error);
  if (error instanceof ProxyError) return { reason: "proxy", detail: error.message };
  const code = errorCode(error);
  if (code === "UND_ERR_HEADERS_OVERFLOW")
    return { reason: "too_large", detail: "The response headers are too large." };
  if (code === "WEFT_ANSWER_TOO_LARGE") return { reason: "too_large", detail: "The response does not end." };
  if (code === "UND_ERR_DESTROYED" || code === "UND_ERR_CLOSED") return aborted;
  if (code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_NOT_SUPPORTED") {
    return { reason: "protocol", detail: `The request is not valid HTTP: ${error.message}.` };
  }
  // With TLS 1.3 a receiver may refuse after the handshake, because a client certificate is missing.
  if (code.startsWith("ERR_SSL") || code === "EPROTO") return whyUnconnected({ reason: "tls", code });
  if (isConnectionLost(error)) {
    return { reason: "closed", detail: "The receiver closed the connection before it responded." };
  }
  return { reason: "protocol", detail: `The response is not valid HTTP/1.1 (${code}).` };
}

/** `phase` is the step that was running at the time limit. */
export function timedOut(phase: "connection" | "answer" | "body", timeoutMs: number): Unanswered {
  const within = `within ${timeoutMs / 1000} ${timeoutMs === 1000 ? "second" : "seconds"}.`;
  const what = {
    connection: "No connection could be made",
    answer: "No response arrived",
    body: "The response began but did not end",
  }[phase];
  return { reason: "timeout", detail: `${what} ${within}` };
}

export const aborted: Unanswered = {
  reason: "aborted",
  detail: "The request was cancelled before a response arrived.",
};

/** The connection ended by a close or a reset, and not because of bytes that the receiver sent. */
export function isConnectionLost(error: Error): boolean {
  // undici uses the same code for malformed responses ("bad response", "bad upgrade") and for closed sockets.
  if (errorCode(error) === "UND_ERR_SOCKET") return !error.message.startsWith("bad ");
  // For any error of a system call (ECONNRESET, EPIPE, EHOSTUNREACH …), the connection is lost.
  return "syscall" in error;
}

function whyUnconnected({ reason, code }: Pick<ConnectError, "reason" | "code">): Unanswered {
  const sentence = {
    dns: `The host name could not be resolved (${code}).`,
    connect: `The connection could not be made (${code}).`,
    tls: tlsSentence(code),
    timeout: "The connection could not be made in time.",
  }[reason];
  return { reason, detail: sentence };
}

/** OpenSSL names the alert that the receiver sent. Source: RFC 8446, section 6.2. */
function tlsSentence(code: string): string {
  if (code.includes("ALERT_CERTIFICATE_REQUIRED")) return `The receiver requires a client certificate (${code}).`;
  return /ALERT_(BAD_CERTIFICATE|CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code)
    ? `The receiver rejected the client certificate (${code}).`
    : `The TLS handshake failed (${code}).`;
}

function errorCode(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
