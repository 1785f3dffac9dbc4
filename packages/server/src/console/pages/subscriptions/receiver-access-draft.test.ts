import type { SubscriptionDetail } from "@weft/sdk";
import { expect, test } from "vitest";
import { accessChanges, accessDraftOf, emptyAccess } from "./receiver-access-draft.ts";

const none = { authentication: null, client_certificate: null, certificate_authority: null };
const certificate = { subject: "CN=weft", expires_at: "2030-01-01T00:00:00.000Z" };
const oauth2 = {
  type: "oauth2",
  token_url: "https://auth.example.com/token",
  client_id: "weft",
  client_secret: "***",
  scope: null,
  audience: null,
  client_authentication: "basic",
} as const;

test.each<Pick<SubscriptionDetail, "authentication" | "client_certificate" | "certificate_authority">>([
  none,
  { ...none, authentication: { type: "basic", username: "weft", password: "***" } },
  { ...none, authentication: { type: "bearer", token: "***" } },
  { authentication: oauth2, client_certificate: certificate, certificate_authority: certificate },
])("an unchanged form sends nothing, so that masked secrets stay", (stored) => {
  expect(accessChanges(accessDraftOf(stored), accessDraftOf(stored))).toEqual({});
});

test("a change sends the fields that differ", () => {
  const stored = accessDraftOf({
    authentication: oauth2,
    client_certificate: certificate,
    certificate_authority: certificate,
  });
  expect(accessChanges({ ...stored, scope: " events " }, stored)).toEqual({
    authentication: { ...oauth2, scope: "events" },
  });
  expect(accessChanges({ ...stored, type: "none", removesCertificate: true, removesAuthority: true }, stored)).toEqual({
    authentication: null,
    client_certificate: null,
    certificate_authority: null,
  });
  const given = { ...emptyAccess, certificate: " CERT ", privateKey: "KEY\n", authority: "CA" };
  expect(accessChanges(given, emptyAccess)).toEqual({
    client_certificate: { certificate: "CERT", private_key: "KEY" },
    certificate_authority: "CA",
  });
});
