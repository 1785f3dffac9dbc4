// Measures the time of a new user from a file of the release to the first verified webhook, in an empty folder with an empty
// cache: node release/first-webhook.ts [FILE]. The file is the executable (default), the Linux tarball, or a folder with the
// packages for npm, which are installed from the registry. Exits with 1 if it takes a minute.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";

const secondsMax = 60;
const given = resolve(process.argv[2] ?? `reports/release/weft-linux-${process.arch}`);
const folder = mkdtempSync(join(tmpdir(), "weft-first-webhook-"));
const home = join(folder, "home");
mkdirSync(home);
const environment = { PATH: process.env.PATH, HOME: home };
const started = Date.now();
const running: ChildProcess[] = [];
let isLate = false;
const tooLong = setTimeout(() => {
  isLate = true;
  say(`No verified webhook arrived within ${secondsMax} s.`);
  for (const child of running) child.kill("SIGKILL");
  process.exitCode = 1;
}, secondsMax * 1_000);

try {
  await firstWebhook(installed(given));
} catch (error) {
  // Its commands were killed.
  if (!isLate) throw error;
} finally {
  clearTimeout(tooLong);
  await Promise.all(running.reverse().map(stop));
  rmSync(folder, { recursive: true, force: true });
}

/** Starts Weft, starts an inbox with a subscription, and publishes an event, as a reader of the README does. */
async function firstWebhook(weft: string): Promise<void> {
  say(`${sinceStart()}: installed ${basename(given)}`);
  const { url } = await fact(start(weft, ["dev", "--port", "0", "--json"]), ({ event }) => event === "listening");
  say(`${sinceStart()}: Weft listens on ${url}`);
  const inbox = start(weft, ["inbox", "--subscribe", "--url", String(url), "--port", "0", "--json"]);
  await fact(inbox, ({ event }) => event === "subscribed");
  say(`${sinceStart()}: an inbox is subscribed`);
  execFileSync(weft, ["trigger", "sync.completed", "--url", String(url)], { cwd: home, env: environment });
  const { message_id } = await fact(
    inbox,
    ({ event_type, verifies }) => event_type === "sync.completed" && verifies === true,
  );
  say(`${sinceStart()}: the first verified webhook arrived, ${message_id}`);
}

/** Installs the given file as a user does, and returns the path of the command. */
function installed(file: string): string {
  if (statSync(file).isDirectory()) {
    const tarballs = readdirSync(file).filter((name) => /^weft-(server|receiver|sdk)-.*\.tgz$/.test(name));
    writeFileSync(join(home, "package.json"), '{"private": true}');
    execFileSync("npm", ["install", "--no-audit", "--no-fund", ...tarballs.map((name) => join(file, name))], {
      cwd: home,
      // The configuration of the machine, such as its registry, with an empty cache.
      env: { ...process.env, npm_config_cache: join(folder, "npm-cache") },
      stdio: ["ignore", "ignore", "inherit"],
    });
    return join(home, "node_modules/.bin/weft");
  }
  if (file.endsWith(".tar.gz")) {
    execFileSync("tar", ["xzf", file, "-C", home]);
    return join(home, basename(file, ".tar.gz"), "bin/weft");
  }
  const weft = join(home, "weft");
  copyFileSync(file, weft);
  chmodSync(weft, 0o755);
  return weft;
}

type Fact = Readonly<Record<string, unknown>>;

function start(weft: string, args: readonly string[]): AsyncIterator<Fact> {
  const child = spawn(weft, args, { cwd: home, env: environment, stdio: ["ignore", "pipe", "inherit"] });
  running.push(child);
  return factsOf(child.stdout);
}

async function* factsOf(output: NodeJS.ReadableStream): AsyncGenerator<Fact> {
  for await (const line of createInterface(output)) yield JSON.parse(line) as Fact;
}

/** The next fact of a command that satisfies the condition. */
async function fact(facts: AsyncIterator<Fact>, isWanted: (fact: Fact) => boolean): Promise<Fact> {
  for (let next = await facts.next(); next.done !== true; next = await facts.next()) {
    if (isWanted(next.value)) return next.value;
  }
  throw new Error("A command of Weft ended early.");
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

function sinceStart(): string {
  return `${((Date.now() - started) / 1_000).toFixed(1)} s`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
