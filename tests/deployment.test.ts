import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { validate } from "dockerfile-utils";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../packages/server/src/config/config.ts";
import { versionOf } from "../release/release.ts";

const root = resolve(import.meta.dirname, "..");
const dockerfile = readFileSync(join(root, "deploy/Dockerfile"), "utf8");
const unit = readFileSync(join(root, "deploy/weft.service"), "utf8");

interface Compose {
  readonly services: {
    readonly weft: {
      readonly build: string;
      readonly environment: Record<string, string>;
    };
  };
}

test("the Dockerfile has no mistakes", () => {
  expect(validate(dockerfile)).toEqual([]);
});

test("containers use images of a full version, with the Node version of the tests", () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  const bases = [...dockerfile.matchAll(/BASE=(\S+)/g)].map(([, image]) => image);
  const image = `node:${devDependencies.node}-bookworm`;
  expect(bases).toEqual([image, `${image}-slim`]);
  expect(dockerfile.match(/^FROM .*$/gm)).toEqual([expect.stringMatching(/^FROM \$\{BASE\}$/)]);
  const { services } = parse(readFileSync(join(root, "deploy/compose.yaml"), "utf8")) as {
    services: Record<string, { image?: string }>;
  };
  const images = Object.values(services).flatMap(({ image }) => image ?? []);
  expect(images).toEqual([expect.stringMatching(/^postgres:\d+\.\d+-\w+$/)]);
});

test("the files of deploy/ name the files of this version's release", () => {
  const texts = [dockerfile, readFileSync(join(root, "deploy/compose.yaml"), "utf8")];
  const versions = texts.flatMap((text) => [...text.matchAll(/weft-(\d+\.\d+\.\d+)/g)].map(([, version]) => version));
  expect(new Set(versions)).toEqual(new Set([versionOf(root)]));
});

test("the settings of the container are settings of Weft, which keeps its data in the volume", () => {
  const line = /^ENV (.*)$/m.exec(dockerfile)?.[1] ?? "";
  const config = readConfig(
    "serve",
    Object.fromEntries(line.split(" ").map((pair) => pair.split("=") as [string, string])),
  );
  expect(config).toMatchObject({ host: "0.0.0.0", port: 8001, databaseUrl: "sqlite:/data/weft.db" });
  expect(dockerfile).toMatch(/^VOLUME \/data$/m);
});

test("the compose file builds from the context that contains it, and its settings are settings of Weft when the secrets exist", () => {
  const { services } = parse(readFileSync(join(root, "deploy/compose.yaml"), "utf8")) as Compose;
  const { build, environment } = services.weft;
  expect(build).toBe(".");
  const secret = "0123456789abcdef0123456789abcdef0123456789abcdef";
  const filled = Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replaceAll(/\$\{\w+(:\?[^}]*)?\}/g, secret)]),
  );
  expect(readConfig("serve", filled)).toMatchObject({ databaseUrl: `postgres://weft:${secret}@postgres/weft` });
});

test("systemd accepts the unit file, if systemd is installed", () => {
  for (const section of ["Unit", "Service", "Install"]) expect(unit).toContain(`[${section}]`);
  try {
    execFileSync("systemd-analyze", ["--version"], { stdio: "ignore" });
  } catch {
    return;
  }
  // The program is not installed on this machine, which is the only permitted complaint.
  let said = "";
  try {
    execFileSync("systemd-analyze", ["verify", "--man=no", join(root, "deploy/weft.service")], {
      encoding: "utf8",
      stdio: "pipe",
    });
  } catch (error) {
    said = String((error as { stderr?: unknown }).stderr ?? "");
  }
  const complaints = said
    .split("\n")
    .filter((line) => line.includes("weft.service") && !/not executable|No such file/.test(line));
  expect(complaints).toEqual([]);
});
