import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeArchive } from "../release/archive.ts";
import { productionPackages } from "../release/production-packages.ts";
import { timeOf } from "../release/release.ts";
import { sbomOf } from "../release/sbom.ts";

const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "weft-release-"));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("an archive does not depend on the order, the times and the umask in which its files were written", async () => {
  const time = new Date("2026-01-01T00:00:00Z");
  const archives = await Promise.all(
    [
      { name: "one", files: ["b", "a"], mode: 0o644 },
      { name: "two", files: ["a", "b"], mode: 0o664 },
    ].map(async ({ name, files, mode }) => {
      const source = join(folder, name);
      mkdirSync(join(source, "empty"), { recursive: true });
      for (const file of files) {
        writeFileSync(join(source, file), file);
        chmodSync(join(source, file), mode);
        utimesSync(join(source, file), mode, mode);
      }
      symlinkSync("a", join(source, "link"));
      const path = join(folder, `${name}.tar.gz`);
      await writeArchive({ folder: source, below: "weft/", time, path });
      return readFileSync(path).toString("base64");
    }),
  );
  expect(archives[1]).toBe(archives[0]);
});

test("the time of a release is SOURCE_DATE_EPOCH, or that of the commit", () => {
  expect(timeOf(root, { SOURCE_DATE_EPOCH: "1767225600" })).toEqual(new Date("2026-01-01T00:00:00Z"));
  expect(() => timeOf(root, { SOURCE_DATE_EPOCH: "yesterday" })).toThrow(/SOURCE_DATE_EPOCH is "yesterday"/);
  expect(timeOf(root, {}).getTime()).toBeGreaterThan(Date.parse("2026-01-01"));
  expect(() => timeOf(folder, {})).toThrow(/is not a git checkout/);
});

test("the packages of the server run on every platform, and none runs a script when it is installed", () => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, Record<string, unknown>>;
  };
  const found = productionPackages(root);
  expect(found[0]).toMatchObject({ name: "@weft/server", integrity: null });
  expect(found.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["@weft/sdk", "@weft/receiver", "fastify", "pg"]),
  );
  expect(found.map(({ name }) => name)).not.toContain("vite");
  for (const { path } of found) {
    const entry = packages[path] ?? {};
    expect([path, entry.os, entry.cpu, entry.hasInstallScript]).toEqual([path, undefined, undefined, undefined]);
  }
});

test("a component of the bill of materials has its identity, its checksum and its licence", () => {
  const sbom = sbomOf(
    [
      { path: "a", name: "@weft/server", version: "1.0.0", license: "Apache-2.0", integrity: null, needs: ["b"] },
      {
        path: "b",
        name: "both",
        version: "2.0.0+1",
        license: "(MIT OR Apache-2.0)",
        integrity: "sha512-AQI=",
        needs: [],
      },
    ],
    new Date("2026-01-01T00:00:00Z"),
  );
  expect(sbom).toMatchObject({
    metadata: {
      component: { type: "application", group: "@weft", name: "server", purl: "pkg:npm/%40weft/server@1.0.0" },
    },
    components: [
      {
        purl: "pkg:npm/both@2.0.0%2B1",
        hashes: [{ alg: "SHA-512", content: "0102" }],
        licenses: [{ expression: "(MIT OR Apache-2.0)" }],
      },
    ],
    dependencies: [
      { ref: "a", dependsOn: ["b"] },
      { ref: "b", dependsOn: [] },
    ],
    serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
  });
});
