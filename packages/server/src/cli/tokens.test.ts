import { generateKeyPairSync } from "node:crypto";
import { Svix } from "svix";
import { expect, test } from "vitest";
import { jwtSecret, startWeft } from "../api/svix/fixtures/svix-clients.ts";
import { runWeft } from "./fixtures/weft-process.ts";

const publicKey = String(generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }));

const secret = { WEFT_SVIX_JWT_SECRET: jwtSecret };

test("a token opens a Weft with the same secret to Svix' SDK, for all applications or the one that it names", async () => {
  await using weft = await startWeft();
  const { stdout } = await runWeft(["tokens", "create"], secret);
  const operator = new Svix(stdout.trim(), { serverUrl: weft.url });
  const own = await operator.application.create({ name: "Acme" });
  await operator.application.create({ name: "Other" });
  expect((await operator.application.list()).data).toHaveLength(3);

  const args = ["tokens", "create", "--application", own.id, "--expires-at", "2999-01-01T00:00:00Z", "--json"];
  const { token } = JSON.parse((await runWeft(args, secret)).stdout) as { token: string };
  const tenant = new Svix(token, { serverUrl: weft.url });
  expect(await tenant.application.get(own.id)).toMatchObject({ name: "Acme" });
  await expect(tenant.application.list()).rejects.toMatchObject({ code: 403 });
});

test("a token of a namespace sees the applications and creates tokens of its namespace alone", async () => {
  await using weft = await startWeft();
  const svixWith = async (...args: string[]) => {
    const { stdout } = await runWeft(["tokens", "create", ...args], secret);
    return new Svix(stdout.trim(), { serverUrl: weft.url });
  };
  const [eu, us] = [await svixWith("--namespace", "org_eu"), await svixWith("--namespace", "org_us")];
  const made = await eu.application.create({ name: "Acme", uid: "acme" });
  expect((await eu.application.list()).data).toEqual([made]);
  expect((await us.application.list()).data).toEqual([]);
  const ofApplication = await svixWith("--namespace", "org_eu", "--application", made.id);
  expect(await ofApplication.application.get(made.id)).toEqual(made);
});

test("an impossible token is reported with a sentence", async () => {
  const failures = [
    [await runWeft(["tokens", "create"]), "WEFT_SVIX_JWT_SECRET"],
    [await runWeft(["tokens", "create", "--application", "acme"], secret), '"acme" is not the id of an application'],
    [await runWeft(["tokens", "create", "--namespace", "acme"], secret), '"acme" is not a namespace'],
    [
      await runWeft(["tokens", "create"], { WEFT_SVIX_JWT_SECRET: publicKey, WEFT_SVIX_JWT_ALGORITHM: "EdDSA" }),
      "is a public key",
    ],
    [await runWeft(["tokens", "create", "--expires-at", "soon"], secret), "--expires-at is a time such as"],
  ] as const;
  for (const [{ exitCode, stdout, stderr }, message] of failures) {
    expect([exitCode, stdout], message).toEqual([2, ""]);
    expect(stderr).toContain(message);
  }
});
