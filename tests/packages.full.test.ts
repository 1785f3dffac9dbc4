import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packAll, type Tarball } from "../release/pack.ts";
import { installPackages } from "./setup/install-packages.ts";

const root = resolve(import.meta.dirname, "..");
// Below node_modules, where Node runs only JavaScript, and finds the dependencies of the packages.
const folder = mkdtempSync(join(root, "node_modules", ".weft-packages-"));
let tarballs: Tarball[] = [];

beforeAll(async () => {
  tarballs = await packAll(folder);
  for (const { name, path } of tarballs) {
    const installed = join(folder, "node_modules/@weft", name);
    mkdirSync(installed, { recursive: true });
    execFileSync("tar", ["xzf", path, "-C", installed, "--strip-components", "1"]);
  }
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function manifestOf(name: string): {
  exports: Record<string, unknown>;
  dependencies?: Record<string, string>;
  license: string;
} {
  return JSON.parse(readFileSync(join(folder, "node_modules/@weft", name, "package.json"), "utf8")) as never;
}

function run(file: string, text: string): string {
  writeFileSync(join(folder, file), text);
  return execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
}

const bin = join(folder, "node_modules/@weft/server/bin/weft.js");

/** Starts an installed command on a free port. Returns the line with the address that it listens on. */
async function started(child: ChildProcessByStdio<null, Readable, null>): Promise<{ url: string; page_url?: string }> {
  for await (const line of createInterface(child.stdout)) {
    const said = JSON.parse(line) as { event?: string; url: string };
    if (said.event !== "listening") continue;
    child.stdout.resume();
    return said;
  }
  throw new Error("It ended without having listened.");
}

test("an installed server starts with its console, and an installed SDK can call it", async () => {
  const child = spawn(process.execPath, [bin, "dev", "--port", "0", "--json", "--data", join(folder, "data")], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const { url } = await started(child);
    const page = await (await fetch(`${url}/console/messages`)).text();
    const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? "";
    expect((await fetch(url + script)).status).toBe(200);
    const said = run(
      "call.js",
      `import { createClient } from "@weft/sdk";
       const weft = createClient({ url: ${JSON.stringify(url)} });
       const { readable_id } = await weft.collections.createCollection({ name: "Handbook" });
       await weft.sourceConnections.createSourceConnection({ name: "docs", short_name: "directory",
         readable_collection_id: readable_id, config: { path: ${JSON.stringify(join(root, "docs/decisions"))} } });
       for (let tries = 0; tries < 200; tries++) {
         const { items } = await weft.webhooks.listMessages({ event_types: ["sync.completed"] });
         if (items.length > 0) { console.log("synced"); break; }
         await new Promise((resolve) => setTimeout(resolve, 50));
       }`,
    );
    expect(said).toBe("synced\n");
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
});

test("an installed inbox has its page, with every file of it", async () => {
  const child = spawn(process.execPath, [bin, "inbox", "--port", "0", "--json"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const { page_url: page = "" } = await started(child);
    const html = await (await fetch(page)).text();
    const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, file = ""]) => file);
    expect(files).toEqual(["/-/page.css", "/-/page.js"]);
    for (const file of [...files, "/-/arrival.js"]) expect((await fetch(new URL(file, page))).status).toBe(200);
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
});

test("every entry of the installed kit can be imported, and its signatures verify", () => {
  const entries = Object.keys(manifestOf("receiver").exports).filter((entry) => !entry.endsWith(".json"));
  expect(entries.length).toBeGreaterThan(10);
  const imports = entries.map((entry) => `await import(${JSON.stringify(`@weft/receiver${entry.slice(1)}`)});`);
  const said = run(
    "receive.js",
    `${imports.join("\n")}
     const { signedHeaders, verify } = await import("@weft/receiver");
     const secret = "whsec_" + Buffer.from("a secret of twenty-four!").toString("base64");
     const body = '{"event_type":"sync.completed"}';
     const headers = await signedHeaders(body, { id: "msg_1", timestamp: new Date(), secret });
     console.log((await verify(body, headers, secret)).event_type);`,
  );
  expect(said).toBe("sync.completed\n");
});

test.each(["nodenext", "bundler"])("the types are correct under the module resolution %s", (resolution) => {
  const program = `import { createRouter, type WeftEvent } from "@weft/receiver";
import { AuditTrail, whenFresh } from "@weft/receiver/patterns";
import { createClient, type Message } from "@weft/sdk";
createRouter().on("sync.completed", (event) => void event.entities_inserted?.toFixed());
// @ts-expect-error There is no such event.
createRouter().on("sync.nothing", () => {});
const messages: Promise<Message[]> = createClient({ url: "http://127.0.0.1:8001" }).webhooks.listMessages().then(({ items }) => items);
export type Names = WeftEvent["event_type"];
export { AuditTrail, messages, whenFresh };
`;
  writeFileSync(join(folder, "program.ts"), program);
  const settings = {
    compilerOptions: {
      target: "ES2023",
      lib: ["ES2024", "DOM", "DOM.Iterable"],
      module: resolution === "bundler" ? "ESNext" : "NodeNext",
      moduleResolution: resolution,
      strict: true,
      noEmit: true,
      types: [],
    },
    files: ["program.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  // Its output contains the mistakes.
  const said = execFileSync("sh", ["-c", `"${process.execPath}" "${tsc}" -p tsconfig.json || true`], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(said).toBe("");
});

test.each(["receiver", "sdk", "server"])("the package %s is valid for registries and compilers", async (name) => {
  const checks = join(import.meta.dirname, "package-checks");
  await installPackages(checks);
  const path = tarballs.find((tarball) => tarball.name === name)?.path ?? "";
  const args = [join(checks, "check.js"), join(folder, "node_modules/@weft", name), path];
  const found: unknown = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
  expect(found).toEqual({ hasTypes: true, messages: [], problems: [] });
});

test("the kit and the SDK have no dependencies, and every package has its licence and no tests", () => {
  for (const { name, path } of tarballs) {
    const manifest = manifestOf(name);
    expect(manifest.license).toBe("Apache-2.0");
    if (name !== "server") expect(manifest.dependencies ?? {}).toEqual({});
    const files = execFileSync("tar", ["tzf", path], { encoding: "utf8" }).split("\n");
    expect(files).toContain("package/LICENSE");
    expect(files).toContain("package/README.md");
    expect(files.filter((file) => /\.test\.|fixtures\/|\.ts$/.test(file) && !file.endsWith(".d.ts"))).toEqual([]);
  }
});
