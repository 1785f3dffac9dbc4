import { noAccess } from "../../domain/receiver-access.ts";
import { targetRules } from "./target-kinds.ts";
import type { OutgoingMessage, TargetSettings } from "./target-rules.ts";

/** A request in the form that can be shown: without credentials. */
export interface ShownRequest {
  readonly method: "POST" | "SMTP";
  /** Name, value, name, value … */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Writes the request for an attempt again, without the credentials of the target and of its receiver. */
export function shownRequest(
  settings: Omit<TargetSettings, "credential" | "access">,
  message: OutgoingMessage,
  attempt: { readonly at: number; readonly userAgent: string },
): ShownRequest {
  const write = targetRules[settings.target.kind].prepare({ ...settings, credential: null, access: noAccess });
  const request = write(message, { ...attempt, traceContext: null });
  if (request.kind === "unsent") return { method: "POST", headers: [], body: "" };
  if (request.kind === "http") return { method: "POST", headers: request.headers, body: request.body };
  const { to, subject, text } = request.mail;
  return { method: "SMTP", headers: ["to", to, "subject", subject], body: text };
}
