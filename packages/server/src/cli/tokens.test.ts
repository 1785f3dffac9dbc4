import { Svix } from "svix";
import { expect, test } from "vitest";
import { jwtSecret, startWeft } from "../api/svix/fixtures/svix-clients.ts";
import { runWeft } from "./fixtures/weft-process.ts";

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

test("an impossible token is reported with a sentence", async () => {
  const failures = [
    [await runWeft(["tokens", "create"]), "WEFT_SVIX_JWT_SECRET"],
    [await runWeft(["tokens", "create", "--application", "acme"], secret), '"acme" is no id'],
    [await runWeft(["tokens", "create", "--expires-at", "soon"], secret), '"soon" is no time'],
  ] as const;
  for (const [{ exitCode, stdout, stderr }, message] of failures) {
    expect([exitCode, stdout], message).toEqual([2, ""]);
    expect(stderr).toContain(message);
  }
});
