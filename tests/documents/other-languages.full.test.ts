import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { fixtureOf, signFixture } from "@weft/receiver/testing";
import { expect, test } from "vitest";
import { portForProcess } from "../../packages/server/src/outbound/fixtures/port-for-process.ts";
import { blocksIn } from "./blocks.ts";
import { secret } from "./substitutions.ts";

interface Program {
  readonly name: string;
  readonly page: string;
  readonly language: string;
  /** Part of its text, if the page has several programs in this language. */
  readonly contains?: string;
  readonly file: string;
  /** Another file of the program: the only block in this language on its page. */
  readonly manifest?: { readonly language: string; readonly file: string };
  /** The command that builds the program before it runs. */
  readonly build?: readonly [program: string, ...args: string[]];
  /** The command that runs the file. */
  readonly command: readonly [program: string, ...args: string[]];
  /** Arguments of the same program that succeed if everything it needs is installed. Otherwise its test is skipped. */
  readonly probe: readonly string[];
}

const verify = "docs/receive/verify.md";
const frameworks = "docs/receive/frameworks.md";
const python = process.env.WEFT_TEST_PYTHON ?? "python3";

function framework(name: string, imports: string): Program {
  const probe = ["-c", `import standardwebhooks, ${imports}`];
  const contains = `from ${name.toLowerCase()}`;
  return { name, page: frameworks, language: "python", contains, file: "main.py", command: [python, "main.py"], probe };
}

const programs: readonly Program[] = [
  { name: "Python", page: verify, language: "python", file: "main.py", command: [python, "main.py"], probe: ["-V"] },
  framework("FastAPI", "fastapi, uvicorn"),
  framework("Flask", "flask"),
  framework("Django", "django"),
  {
    ...{ name: "Java", page: verify, language: "java", file: "Receiver.java" },
    ...{ command: ["java", "Receiver.java"], probe: ["--version"] },
  },
  {
    ...{ name: "Go", page: verify, language: "go", file: "main.go" },
    ...{ command: ["go", "run", "main.go"], probe: ["version"] },
  },
  {
    ...{ name: "Ruby", page: verify, language: "ruby", file: "receiver.rb" },
    ...{ command: ["ruby", "receiver.rb"], probe: ["--version"] },
  },
  {
    ...{ name: "PHP", page: verify, language: "php", file: "receiver.php" },
    ...{ command: ["php", "-S", "127.0.0.1:3000", "receiver.php"], probe: ["-v"] },
  },
  {
    ...{ name: "C#", page: verify, language: "csharp", file: "receiver.cs" },
    ...{ build: ["mcs", "receiver.cs"], command: ["mono", "receiver.exe"], probe: ["--version"] },
  },
  {
    ...{ name: "Rust", page: verify, language: "rust", file: "src/main.rs" },
    ...{ manifest: { language: "toml", file: "Cargo.toml" }, build: ["cargo", "build", "--quiet"] },
    ...{ command: ["cargo", "run", "--quiet"], probe: ["--version"] },
  },
  {
    ...{ name: "Elixir", page: verify, language: "elixir", file: "receiver.exs" },
    ...{ command: ["elixir", "receiver.exs"], probe: ["--version"] },
  },
];

/** A receiver that runs until it is disposed of, with the processes that it started. */
async function startReceiver({ page, language, contains = "", file, manifest, build, command }: Program) {
  const folder = mkdtempSync(join(tmpdir(), "weft-language-"));
  const port = await portForProcess();
  const [program, ...args] = command.map((part) => part.replace("3000", String(port)));
  const block = blocksIn(language).find((found) => found.page === page && found.text.includes(contains));
  mkdirSync(join(folder, dirname(file)), { recursive: true });
  writeFileSync(join(folder, file), block?.text.replaceAll("3000", String(port)) ?? "");
  if (manifest !== undefined) {
    const found = blocksIn(manifest.language).find((one) => one.page === page);
    writeFileSync(join(folder, manifest.file), found?.text ?? "");
  }
  const env = {
    ...{ PATH: process.env.PATH, HOME: folder, WEFT_SIGNING_SECRET: secret, PYTHONDONTWRITEBYTECODE: "1" },
    // Rust keeps its compilers and packages there.
    CARGO_HOME: process.env.CARGO_HOME ?? join(homedir(), ".cargo"),
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), ".rustup"),
  };
  if (build !== undefined) await promisify(execFile)(build[0], build.slice(1), { cwd: folder, env });
  const child = spawn(program ?? "", args, { cwd: folder, detached: true, stdio: ["ignore", "pipe", "pipe"], env });
  let said = "";
  const hear = (text: Buffer) => {
    said += text;
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const closed = once(child, "close");
  return {
    url: `http://127.0.0.1:${port}/`,
    said: () => said,
    hasEnded: () => child.exitCode !== null,
    async [Symbol.asyncDispose]() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function statusOf(url: string, webhook: RequestInit): Promise<number> {
  return (await fetch(url, webhook)).status;
}

test.for(programs)("the receiver with $name accepts genuine requests, and no other ones", async (program, { skip }) => {
  const [command] = program.command;
  skip(
    spawnSync(command, program.probe).status !== 0,
    `${program.name} is not installed, so its program is not run here.`,
  );
  await using receiver = await startReceiver(program);
  const genuine = await signFixture(fixtureOf("sync.completed"), { secret });
  await expect
    .poll(() => (receiver.hasEnded() ? receiver.said() : statusOf(receiver.url, genuine).catch(() => 0)))
    .toBe(204);
  const { headers, body } = genuine;
  expect(await statusOf(receiver.url, { ...genuine, body: `${body} ` }), "an altered body").toBe(400);
  const without = { ...headers, "webhook-signature": "" };
  expect(await statusOf(receiver.url, { ...genuine, headers: without }), "no signature").toBe(400);
  const several = { ...headers, "webhook-signature": `v1,bm90IHRoaXMgb25l ${headers["webhook-signature"]}` };
  expect(await statusOf(receiver.url, { ...genuine, headers: several }), "the second of two signatures").toBe(204);
  const old = await signFixture(fixtureOf("sync.completed"), { secret, timestamp: new Date(Date.now() - 600_000) });
  expect(await statusOf(receiver.url, old), "a signature of ten minutes ago").toBe(400);
  const foreign = await signFixture(fixtureOf("sync.completed"), {
    secret: `whsec_${btoa("another secret of 24 bytes")}`,
  });
  expect(await statusOf(receiver.url, foreign), "a signature with another secret").toBe(400);
});
