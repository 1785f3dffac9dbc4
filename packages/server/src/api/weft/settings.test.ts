import { expect, test } from "vitest";
import { RunningWeft } from "../fixtures/running-weft.ts";

const adminKey = "an-admin-key-of-the-operator-0123456789";
const variables = {
  WEFT_ADMIN_KEY: adminKey,
  WEFT_SVIX_JWT_SECRET: "a secret that signs the tokens of Svix",
  WEFT_SMTP_URL: "smtp://weft:a-mail-password@mail.example.com:587",
  WEFT_SMTP_FROM: "weft@example.com",
  WEFT_TEST_SOURCES: "true",
  WEFT_SUBSCRIPTIONS_MAX: "70",
};
const admin = { headers: { "x-api-key": adminKey } };

test("operators read the effective settings, limits and features, and no secret is among them", async () => {
  await using weft = await RunningWeft.start(variables, "serve");
  const { status, body, text } = await weft.get("/v1/settings", admin);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    command: "serve",
    database: "sqlite",
    features: { email_alerts: true, svix_tokens: true, endpoint_checks: true, portal_brand: false },
    limits: { subscriptions_per_organization: 70 },
  });
  expect(body.settings).toContainEqual({ name: "WEFT_ADMIN_KEY", value: "***" });
  expect(body.settings).toContainEqual({ name: "WEFT_SUBSCRIPTIONS_MAX", value: "70" });
  expect(body.settings).toContainEqual({ name: "WEFT_PORTAL_NAME", value: null });
  for (const secret of [adminKey, "a secret", "a-mail-password"]) expect(text).not.toContain(secret);
});

test("an administrator of another organization may not read them", async () => {
  await using weft = await RunningWeft.start(variables, "serve");
  const { body: organization } = await weft.post("/organizations", { name: "Tenant" }, admin);
  const theirs = { headers: { ...admin.headers, "x-organization-id": organization.id } };
  const { body: key } = await weft.post("/api-keys", { scopes: ["admin"] }, theirs);
  expect((await weft.get("/v1/settings", { headers: { "x-api-key": key.key } })).status).toBe(403);
});
