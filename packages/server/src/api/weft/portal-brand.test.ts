import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ConfigError } from "../../config/config.ts";
import { limits } from "../../domain/limits.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-logo-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

function logo(name: string, content: Buffer | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test("the session has the platform's brand, and Weft serves the logo unchanged without a credential", async () => {
  await using weft = await RunningWeft.start({
    WEFT_PORTAL_NAME: "Acme",
    WEFT_PORTAL_COLOR: "#0F766E",
    WEFT_PORTAL_LOGO: logo("logo.png", png),
  });
  const { body: session } = await weft.get("/v1/session");
  expect(session.portal_brand).toMatchObject({ name: "Acme", color: "#0f766e" });
  const served = await fetch(weft.url + session.portal_brand.logo_url);
  expect(served.headers.get("content-type")).toBe("image/png");
  expect(served.headers.get("x-content-type-options")).toBe("nosniff");
  expect(served.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(Buffer.from(await served.arrayBuffer()).equals(png)).toBe(true);
  expect((await fetch(`${weft.url}/console/portal-logo/another-version`)).status).toBe(404);
});

test("without settings, the session has no brand", async () => {
  await using weft = await RunningWeft.start();
  expect((await weft.get("/v1/session")).body.portal_brand).toBeNull();
});

test.each([
  [
    "a file that can contain scripts",
    () => logo("logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
    "is not a PNG",
  ],
  [
    "a large file",
    () => logo("large.png", Buffer.concat([png, Buffer.alloc(limits.portalLogoBytesMax)])),
    "larger than",
  ],
  ["a missing file", () => join(folder, "nothing.png"), "could not be read"],
])("%s as the logo is a mistake in the settings that names the file", async (_name, make, reason) => {
  const path = make();
  const started = RunningWeft.start({ WEFT_PORTAL_NAME: "Acme", WEFT_PORTAL_LOGO: path });
  const error: unknown = await started.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).mistakes[0]).toContain(path);
  expect((error as ConfigError).mistakes[0]).toContain(reason);
});
