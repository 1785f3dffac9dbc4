import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { McpError } from "../../domain/mcp-subscription.ts";
import { CallbackChecks } from "./callback-checks.ts";

const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;

/** Checks of a host at which every challenge fails, and the number of requests to it. */
class FailingHost {
  requests = 0;
  now = 0;
  readonly #checks = new CallbackChecks({
    sender: {
      send: async () => {
        this.requests += 1;
        return { kind: "unanswered", reason: "timeout", detail: "No response.", durationMs: 1 };
      },
    },
    randomBytes: (size) => randomBytes(size),
    now: () => this.now,
    userAgent: "a test",
  });

  /** Checks a callback of a new principal. Returns the data of the refusal. */
  async check(organization: string): Promise<McpError["data"]> {
    const callback = {
      ...{ organizationId: organization as OrganizationId, principal: `agent ${this.requests}` },
      ...{ url: "https://callbacks.example.com/hook", mcpId: "sub_1", secret },
    };
    const refusal: unknown = await this.#checks.require(callback).catch((error: unknown) => error);
    if (!(refusal instanceof McpError)) throw new Error("The callback was not refused.");
    return refusal.data;
  }
}

test("an organization whose challenges fail at a host leaves the host to others, until many of them fail", async () => {
  const host = new FailingHost();
  const { mcpFailedChallengesOfOrganizationPerMinute: own, mcpFailedChallengesPerMinute: all } = limits;
  const limited = { limit: "verification_rate", retryAfterMs: 60_000 };
  for (let organization = 0; organization < all / own; organization++) {
    for (let index = 0; index < own; index++) {
      expect(await host.check(`organization ${organization}`)).toEqual({ reason: "timeout" });
    }
    expect(await host.check(`organization ${organization}`)).toEqual(limited);
  }
  expect(await host.check("another")).toEqual(limited);
  expect(host.requests).toBe(all);
  host.now = 60_000;
  expect(await host.check("organization 0")).toEqual({ reason: "timeout" });
});
