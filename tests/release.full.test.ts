import { execFile, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { versionOf } from "../release/release.ts";
import { copyCheckout } from "./release/checkout.ts";
import { installPackages } from "./setup/install-packages.ts";

const root = resolve(import.meta.dirname, "..");
const version = versionOf(root);
const seconds = 1_767_225_600;
// In the repository's file system, where node_modules can be linked.
mkdirSync(join(root, ".cache"), { recursive: true });
const folder = mkdtempSync(join(root, ".cache/release-"));
const [one, two] = [join(folder, "one"), join(folder, "a-second-place")];
const release = join(one, "reports/release");
const architecture = process.arch === "x64" ? "amd64" : process.arch;
const linuxTarball = `weft-${version}-linux-${process.arch}.tar.gz`;
const debianPackage = `weft_${version}_${architecture}.deb`;

beforeAll(async () => {
  copyCheckout(one);
  copyCheckout(two);
  // A checkout of a user with another umask.
  execFileSync("chmod", ["-R", "g+w", join(two, "packages"), join(two, "deploy")]);
  await Promise.all([build(one), build(two)]);
}, 900_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function build(checkout: string): Promise<void> {
  await promisify(execFile)("npm", ["run", "release"], {
    cwd: checkout,
    env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds) },
  });
}

/** An empty folder with the content of a file of the release. */
function unpacked(file: string): string {
  const target = join(folder, `unpacked-${file}`);
  if (!existsSync(target)) {
    mkdirSync(target);
    execFileSync("tar", ["xzf", join(release, file), "-C", target]);
  }
  return target;
}

/** The address of a Weft that was started with `--json`. */
async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url !== undefined) return url;
  }
  throw new Error("Weft ended before it listened.");
}

test("two builds of one commit in different places have identical bytes", () => {
  const [first, second] = [release, join(two, "reports/release")].map((built) =>
    readdirSync(built).map((file) => `${file} ${sha256(join(built, file))}`),
  );
  expect(second).toEqual(first);
});

test("the release has every file that the installation describes, and the checksum of each", () => {
  const expected = [
    "weft-linux-arm64",
    "weft-linux-x64",
    `weft-chart-${version}.tgz`,
    `weft-${version}-container.tar.gz`,
    `weft-${version}.cdx.json`,
    `weft-receiver-${version}.tgz`,
    `weft-sdk-${version}.tgz`,
    `weft-server-${version}.tgz`,
    ...(process.platform === "linux" ? [linuxTarball] : []),
  ];
  expect(readdirSync(release)).toEqual(expect.arrayContaining(expected));
  const sums = readFileSync(join(release, "SHA256SUMS"), "utf8").trim().split("\n");
  const files = readdirSync(release).filter((file) => file !== "SHA256SUMS");
  expect(sums).toEqual(files.sort().map((file) => `${sha256(join(release, file))}  ${file}`));
});

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

test("the bill of materials is valid CycloneDX, and lists exactly the packages of the application", async () => {
  const checks = join(import.meta.dirname, "package-checks");
  await installPackages(checks);
  const path = join(release, `weft-${version}.cdx.json`);
  const mistakes = execFileSync(process.execPath, [join(checks, "check-sbom.js"), path], { encoding: "utf8" });
  expect(JSON.parse(mistakes)).toBeNull();

  const { metadata, components } = JSON.parse(readFileSync(path, "utf8")) as {
    metadata: { timestamp: string; component: Component };
    components: Component[];
  };
  expect(metadata.timestamp).toBe(new Date(seconds * 1_000).toISOString());
  const listed = [metadata.component, ...components].map(({ purl }) => decodeURIComponent(purl));
  const modules = join(unpacked(`weft-${version}-container.tar.gz`), "application/node_modules");
  expect(listed.sort()).toEqual(packagesIn(modules).sort());
});

interface Component {
  readonly purl: string;
}

/** The packages in a `node_modules`, and in those of its packages. */
function packagesIn(modules: string): string[] {
  const scopesOpened = readdirSync(modules).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  return scopesOpened.flatMap((name) => {
    const { version } = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")) as { version: string };
    const nested = join(modules, name, "node_modules");
    return [`pkg:npm/${name}@${version}`, ...(existsSync(nested) ? packagesIn(nested) : [])];
  });
}

test("the image needs only its base: every file is in the context, and no step of the build uses the network", () => {
  const context = unpacked(`weft-${version}-container.tar.gz`);
  const dockerfile = readFileSync(join(context, "Dockerfile"), "utf8");
  const sources = [...dockerfile.matchAll(/^COPY (\S+)/gm)].map(([, source = ""]) => source);
  expect(sources).toEqual(["application/"]);
  for (const source of sources) expect(existsSync(join(context, source))).toBe(true);
  const commands = [...dockerfile.matchAll(/^RUN (.*)$/gm)].flatMap(([, line = ""]) => line.split(" && "));
  expect(commands.map((command) => command.split(" ")[0])).toEqual(["mkdir", "chown"]);
  expect(dockerfile).not.toMatch(/^ADD /m);
});

test("the image's entry point serves the console and the API", async () => {
  const context = unpacked(`weft-${version}-container.tar.gz`);
  const dockerfile = readFileSync(join(context, "Dockerfile"), "utf8");
  const [, entry = ""] = /^ENTRYPOINT \["node", "\/app\/(.*)"\]$/m.exec(dockerfile) ?? [];
  const adminKey = "an-admin-key-of-at-least-32-characters";
  const data = mkdtempSync(join(tmpdir(), "weft-container-"));
  const child = spawn(process.execPath, [join(context, "application", entry), "serve", "--port", "0"], {
    cwd: data,
    env: { WEFT_ADMIN_KEY: adminKey, WEFT_DATABASE_URL: `sqlite:${data}/weft.db` },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const url = await addressOf(child.stdout);
    expect((await fetch(`${url}/console/`)).status).toBe(200);
    const headers = { authorization: `Bearer ${adminKey}` };
    expect((await fetch(`${url}/v1/webhooks/subscriptions`, { headers })).status).toBe(200);
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
    rmSync(data, { recursive: true, force: true });
  }
});

test.runIf(process.platform === "linux")(
  "the Linux tarball runs where no Node is installed, also through a link",
  () => {
    const program = join(unpacked(linuxTarball), linuxTarball.replace(".tar.gz", ""));
    const link = join(folder, "weft");
    symlinkSync(join(program, "bin/weft"), link);
    // sh, dirname and readlink.
    const said = execFileSync(link, ["--version"], { env: { PATH: coreUtilities() }, encoding: "utf8" });
    expect(said).toContain(version);
  },
);

test.runIf(existsSync("/usr/bin/dpkg-deb"))(
  "the package for Debian installs the command, the unit and private settings",
  () => {
    const path = join(release, debianPackage);
    const field = (name: string) => execFileSync("dpkg-deb", ["--field", path, name], { encoding: "utf8" }).trim();
    expect([field("Package"), field("Version"), field("Architecture")]).toEqual(["weft", version, architecture]);
    const lines = execFileSync("dpkg-deb", ["--contents", path], { encoding: "utf8", maxBuffer: 2 ** 24 })
      .trim()
      .split("\n");
    expect(lines.filter((line) => !/^\S+ root\/root /.test(line))).toEqual([]);
    expect(lines.filter((line) => /^\S+ root\/root .* \.\/etc\/weft\.env$/.test(line))).toEqual([
      expect.stringMatching(/^-rw------- /),
    ]);
    const tree = join(folder, "installed");
    execFileSync("dpkg-deb", ["--extract", path, tree]);
    const unit = readFileSync(join(tree, "usr/lib/systemd/system/weft.service"), "utf8");
    const [, command = ""] = /^ExecStart=(\S+) serve$/m.exec(unit) ?? [];
    expect(realpathSync(join(tree, "opt/weft/bin/weft"))).toBe(join(realpathSync(tree), command));
    const said = execFileSync(join(tree, command), ["--version"], { env: { PATH: coreUtilities() }, encoding: "utf8" });
    expect(said).toContain(version);
  },
);

test.runIf(process.platform === "linux").each([`weft-linux-${process.arch}`, linuxTarball])(
  "a new user with nothing but %s receives a verified webhook within a minute",
  { timeout: 90_000 },
  async (file) => {
    const script = join(root, "release/first-webhook.ts");
    // The script fails after a minute.
    const { stdout } = await promisify(execFile)(process.execPath, [script, join(release, file)]);
    expect(stdout).toMatch(/: the first verified webhook arrived, msg_\w+$/m);
  },
);

/** A folder with the programs that the command's script uses, and no Node. */
function coreUtilities(): string {
  const programs = join(folder, "programs");
  if (!existsSync(programs)) {
    mkdirSync(programs);
    for (const name of ["sh", "dirname", "readlink"]) {
      symlinkSync(execFileSync("which", [name], { encoding: "utf8" }).trim(), join(programs, name));
    }
  }
  return programs;
}
