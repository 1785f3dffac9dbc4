import { hash, timingSafeEqual } from "node:crypto";
import { controlRequest } from "../../delivery/targets/mcp.ts";
import type { Exchange } from "../../domain/exchange.ts";
import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { McpError, type McpFailure, mcpFailureOf } from "../../domain/mcp-subscription.ts";
import type { HttpSender } from "../../outbound/http-sender.ts";
import { MinuteCounts } from "./minute-counts.ts";

export interface CallbackCheckParts {
  readonly sender: Pick<HttpSender, "send">;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly now: () => number;
  readonly userAgent: string;
}

export interface CheckedCallback {
  readonly organizationId: OrganizationId;
  readonly principal: string;
  readonly url: string;
  readonly mcpId: string;
  /** The secret that the subscription will have. */
  readonly secret: string;
}

/** Checks that a callback wants events, with a challenge that its receiver returns. */
export class CallbackChecks {
  readonly #parts: CallbackCheckParts;
  readonly #ofPrincipals: MinuteCounts;
  readonly #failuresOfHosts: MinuteCounts;
  /** The failures of an organization at a host are a part of those of the host. */
  readonly #failuresOfOrganizations: MinuteCounts;

  constructor(parts: CallbackCheckParts) {
    this.#parts = parts;
    this.#ofPrincipals = new MinuteCounts(limits.mcpChallengesPerMinute, parts.now);
    this.#failuresOfHosts = new MinuteCounts(limits.mcpFailedChallengesPerMinute, parts.now);
    const ofOrganization = limits.mcpFailedChallengesOfOrganizationPerMinute;
    this.#failuresOfOrganizations = new MinuteCounts(ofOrganization, parts.now);
  }

  /** Throws for a callback that does not return the challenge, and for too many challenges. */
  async require(callback: CheckedCallback): Promise<void> {
    const { host } = new URL(callback.url);
    const own = `${callback.organizationId} ${host}`;
    const waitMs =
      this.#failuresOfOrganizations.waitMs(own) ??
      this.#failuresOfHosts.waitMs(host) ??
      this.#ofPrincipals.take(callback.principal);
    if (waitMs !== null) {
      const data = { limit: "verification_rate", retryAfterMs: waitMs };
      throw new McpError(
        "resource_exhausted",
        "Too many callbacks were verified in the last minute. Try again later.",
        data,
      );
    }
    const failure = await this.#challenge(callback);
    if (failure === null) return;
    this.#failuresOfOrganizations.take(own);
    this.#failuresOfHosts.take(host);
    throw new McpError("callback_endpoint", "The callback did not return the challenge.", { reason: failure });
  }

  async #challenge({ organizationId, url, mcpId, secret }: CheckedCallback): Promise<McpFailure | null> {
    const { sender, randomBytes, now, userAgent } = this.#parts;
    const challenge = base64url(randomBytes(32));
    const at = now();
    const request = controlRequest(
      {
        ...{ url, mcpId, secrets: [{ secret, createdAt: at, expiresAt: null }] },
        id: `msg_verification_${base64url(randomBytes(16))}`,
        body: { type: "verification", challenge },
      },
      { at, userAgent },
    );
    const exchange = await sender.send({ ...request, owner: organizationId });
    return mcpFailureOf(exchange) ?? (returns(exchange, challenge) ? null : "challenge_failed");
  }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function returns(exchange: Exchange, challenge: string): boolean {
  if (exchange.kind !== "answered" || exchange.truncated !== null) return false;
  const returned = challengeIn(exchange.body);
  return returned !== null && timingSafeEqual(digest(returned), digest(challenge));
}

function challengeIn(body: string): string | null {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, "challenge")) return null;
    const { challenge } = value as { challenge: unknown };
    return typeof challenge === "string" ? challenge : null;
  } catch {
    return null;
  }
}

function digest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
