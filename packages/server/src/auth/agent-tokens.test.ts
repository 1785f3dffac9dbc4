import { expect, test } from "vitest";
import { ApiError } from "../domain/errors.ts";
import type { OrganizationId } from "../domain/id.ts";
import { newOrganization } from "../domain/organization.ts";
import { AgentTokens } from "./agent-tokens.ts";
import { unknownCaller } from "./caller.ts";

const acme = "0195c0de-0000-7000-8000-00000000acae" as OrganizationId;
const token = { authorization: "Bearer header.payload.signature" };

/** Tokens that are all valid for ten seconds, and the number of times that one was verified. */
class VerifiedTokens {
  now = 1_000_000;
  verified = 0;
  isDeleted = false;
  readonly #expiresAt = this.now + 10_000;
  readonly tokens: AgentTokens;

  constructor(organizationClaim: string | null = "org") {
    this.tokens = new AgentTokens({
      server: {
        verify: async () => {
          this.verified += 1;
          if (this.#expiresAt <= this.now) throw new ApiError("unauthenticated", "The access token has expired.");
          const claims = { org: acme, scope: "read write", email: "ada@example.com" };
          return { issuer: "https://login.example.com", subject: "ada", expiresAt: this.#expiresAt, claims };
        },
      },
      keys: { inOrganization: async (caller) => caller },
      people: {
        mappedGroups: (groups) => [...groups],
        callerOf: async (person) => ({
          ...unknownCaller(acme),
          ...{ actor: { kind: "person", id: person.id, name: person.name, via: null }, person },
          ...{ scopes: ["read", "write", "admin"], isOperator: true },
        }),
      },
      store: {
        readOrganization: async () => (this.isDeleted ? null : newOrganization(acme, 0, { name: "Acme" })),
      },
      resource: () => "https://weft.example.com/mcp",
      ...{ organizationClaim, groupsClaim: "groups", scopes: ["read", "subscribe"], now: () => this.now },
    });
  }
}

test("a token is verified again after five seconds, and from its expiry on", async () => {
  const it = new VerifiedTokens();
  const caller = await it.tokens.authenticate(token);
  expect(caller).toMatchObject({
    actor: { kind: "person", id: "https://login.example.com|ada", name: "ada@example.com" },
    ...{ organizationId: acme, scopes: ["read"], isOperator: false, expiresAt: 1_010_000 },
  });
  it.now += 4_999;
  expect(await it.tokens.authenticate(token)).toBe(caller);
  expect(it.verified).toBe(1);
  it.now += 1;
  await it.tokens.authenticate(token);
  expect(it.verified).toBe(2);
  it.now += 5_000;
  await expect(it.tokens.authenticate(token)).rejects.toThrow("The access token has expired.");
});

test("a token of an organization that was deleted is refused within five seconds", async () => {
  const it = new VerifiedTokens();
  await it.tokens.authenticate(token);
  it.isDeleted = true;
  it.now += 5_000;
  await expect(it.tokens.authenticate(token)).rejects.toMatchObject({ status: 403 });
});

test("the holder of a token is no operator, even with the role of one, and has no scope that the token lacks", async () => {
  const it = new VerifiedTokens(null);
  expect(await it.tokens.authenticate(token)).toMatchObject({ isOperator: false, memberships: [], scopes: ["read"] });
});

test("an API key, and a request with both, are no requests with a token", () => {
  const { tokens } = new VerifiedTokens();
  for (const headers of [{}, { authorization: "Bearer weft_key" }, { "x-api-key": "weft_key", ...token }]) {
    expect(tokens.authenticate(headers)).toBeNull();
  }
});
