import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const server = join(root, "packages/server/src");

/**
 * The parts that each part may import. A part may always import itself. `store` is the interface and the keys alone,
 * `store/sql` the statements that both databases share and the code that runs them.
 */
const allowed: Record<string, readonly string[]> = {
  main: ["wiring", "http", "config", "domain", "intake", "local-access", "open-store", "report"],
  "local-access": [],
  wiring: [
    "api",
    "archive",
    "auth",
    "http",
    "config",
    "delivery",
    "domain",
    "event-types",
    "intake",
    "mcp",
    "outbound",
    "report",

    "organizations",
    "search",
    "offered-sources",
    "open-sandboxes",
    "open-store",
    "store",
    "subscriptions",
    "sync",
    "upkeep",
  ],
  installation: ["auth", "config", "domain", "main", "open-store", "upkeep", "wiring"],
  index: ["main", "config", "store/sqlite", "domain"],
  "offered-sources": ["config", "domain", "outbound", "sandbox", "sync"],
  "open-sandboxes": ["domain", "sandbox"],
  "open-store": ["config", "copy-installation", "domain", "store", "store/sqlite", "store/postgres"],
  "copy-installation": ["domain", "store", "store/sqlite", "store/postgres"],
  config: ["archive", "auth", "domain", "outbound", "report"],
  cli: [
    "main",
    "installation",
    "config",
    "local-access",
    "make-folder",

    "outbound",
    "mcp",
    "domain",
    "sdk",
    "receiver",
  ],
  console: ["sdk", "delivery/targets", "domain"],
  http: ["auth", "intake", "store", "report", "domain"],
  auth: ["intake", "store", "outbound", "domain"],
  api: [
    "http",
    "auth",
    "subscriptions",
    "event-types",
    "organizations",
    "search",
    "delivery/targets",
    "mcp",
    "intake",
    "sync",
    "upkeep",
    "outbound",
    "store",
    "report",
    "domain",
    "receiver",
    "sdk",
  ],
  mcp: ["domain", "sdk"],
  subscriptions: ["delivery/targets", "intake", "upkeep", "outbound", "store", "domain", "receiver"],
  "event-types": ["intake", "store", "domain"],
  organizations: ["intake", "store", "domain"],
  search: ["intake", "store", "domain"],
  sync: ["intake", "outbound", "sandbox", "store", "report", "domain"],
  intake: ["sandbox", "store", "report", "domain"],
  delivery: ["delivery/targets", "outbound", "store", "report", "domain"],
  "delivery/targets": ["outbound", "domain", "receiver"],
  upkeep: ["archive", "store", "report", "domain"],
  archive: ["outbound", "store", "domain"],
  store: ["domain", "make-folder"],
  "make-folder": [],
  "store/sql": ["store", "domain"],
  "store/sqlite": ["store", "store/sql", "domain", "make-folder"],
  "store/postgres": ["store", "store/sql", "domain"],
  outbound: ["report", "domain"],
  sandbox: ["domain"],
  report: ["domain"],
  domain: [],
  receiver: [],
  sdk: [],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

test("every import follows the table of parts", () => {
  const stray = imports().filter(({ from, to }) => from !== to && !(allowed[from] ?? []).includes(to));
  expect(stray).toEqual([]);
});

test("no file imports itself through others, not even for a type", () => {
  expect(circles(importGraph())).toEqual([]);
});

test("a circular import is detected", () => {
  const graph = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", ["a"]],
    ["d", []],
    ["e", ["e", "a"]],
  ]);
  expect(circles(graph)).toEqual([["a", "b", "c"], ["e"]]);
  const imported = [...importGraph().values()].flat();
  expect(imported).toContain("packages/server/src/store/page.ts");
});

test("the table lists every existing part", () => {
  const seen = new Set(imports().map(({ from }) => from));
  for (const part of [
    "api",
    "console",
    "delivery",
    "delivery/targets",
    "intake",
    "outbound",
    "store",
    "store/sqlite",
    "store/postgres",
    "store/sql",
    "sync",
    "upkeep",
    "report",
    "open-sandboxes",
    "receiver",
    "main",
    "wiring",
  ]) {
    expect(seen, `no import of ${part} was read`).toContain(part);
  }
});

test("domain imports no other part, and at most types of libraries", () => {
  const files = sourceFiles().filter((file) => partOf(file) === "domain");
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const outside = specifiers(file).filter((specifier) => !specifier.startsWith("./"));
    expect(outside, relative(root, file)).toEqual([]);
  }
});

test("the console imports only code that runs in a browser", () => {
  const seen = new Set(sourceFiles().filter((file) => partOf(file) === "console"));
  const foreign: string[] = [];
  for (const file of seen) {
    for (const specifier of valueSpecifiers(file)) {
      if (specifier.startsWith("node:")) foreign.push(`${relative(root, file)}: ${specifier}`);
      if (/^\..*\.tsx?$/.test(specifier)) seen.add(resolve(dirname(file), specifier));
    }
  }
  expect(foreign).toEqual([]);
  expect([...seen].map((file) => relative(server, file))).toContain("delivery/targets/slack.ts");
});

/** Files besides those of `outbound`, and their allowed use of sockets. */
const others: Record<string, readonly string[]> = {
  // `weft inbox` receives requests, and sends none.
  "cli/inbox/inbox-server.ts": ["createServer"],
  "cli/inbox/page-guard.ts": ["isIP"],
  // Each is a connection to the database, which is broken when another server takes over.
  "store/postgres/host-pools.ts": ["Socket"],
};

test("only outbound opens outgoing sockets", () => {
  const openers = ["undici", "node:net", "node:tls", "node:http", "node:https", "node:http2", "node:dgram"];
  const strays = sourceFiles()
    .filter((file) => file.startsWith(server) && partOf(file) !== "outbound" && !(relative(server, file) in others))
    .filter((file) => valueSpecifiers(file).some((specifier) => openers.includes(specifier)));
  expect(strays.map((file) => relative(root, file))).toEqual([]);
  for (const [file, names] of Object.entries(others)) {
    const taken = namesTakenFrom(join(server, file), openers);
    expect(taken.length, file).toBeGreaterThan(0);
    expect(new Set(taken), file).toEqual(new Set(names));
  }
});

test("only a store opens its database, and only the source `postgresql` a foreign one", () => {
  const strays = sourceFiles()
    .filter((file) => !["store/sqlite", "store/postgres"].includes(partOf(file) ?? ""))
    .filter((file) => !file.startsWith(join(server, "sync/sources/postgresql/")))
    .filter((file) => valueSpecifiers(file).some((specifier) => ["node:sqlite", "pg"].includes(specifier)));
  expect(strays.map((file) => relative(root, file))).toEqual([]);
});

/** Code of the server that reads the time of the machine or its randomness itself, with the reason. */
const timeReaders: Record<string, string> = {
  "main.ts": "It gives clock and randomness to everything else.",
  "outbound/mail-sender.ts": "It measures how long a real exchange takes.",
  "outbound/pending-exchange.ts": "It measures how long a real exchange takes.",
  "report/stall-watch.ts": "It measures how long the real event loop stalls.",
  "sandbox/run-batches.ts": "It measures how long a real process computes.",
  "sandbox/sandbox.ts": "It measures how long a real process computes.",
  "store/sqlite/outbox-watch.ts": "It measures how old a look at a real file is.",
  "store/sqlite/repeated-looks.ts": "It measures how old a real file is.",
  "store/postgres/database.ts": "It rests between attempts to reach a real server.",
};

test("only main.ts reads the real time and real randomness, apart from code that measures real work", () => {
  const files = sourceFiles().filter(
    (file) => file.startsWith(server) && !["cli", "console"].includes(partOf(file) ?? ""),
  );
  const readers = files.filter((file) => readsTime(readFileSync(file, "utf8"))).map((file) => relative(server, file));
  expect(readers.sort()).toEqual(Object.keys(timeReaders).sort());
});

test("a reader of the real time is detected", () => {
  for (const text of ["Date.now()", "performance.now()", "Math.random", "new Date()", "new Date"]) {
    expect(readsTime(`const value = ${text};`), text).toBe(true);
  }
  expect(readsTime("const value = new Date(clock.now()); clock.now(); Math.round(1);")).toBe(false);
});

function readsTime(text: string): boolean {
  return /\bDate\.now\b|\bperformance\.now\b|\bMath\.random\b|\bnew Date\b(?!\s*\(\s*[^\s)])/.test(text);
}

test("a forbidden import is detected", () => {
  expect(specifiersIn('import { x } from "../delivery/engine.ts";\nexport * from "../outbound/a.ts";')).toEqual([
    "../delivery/engine.ts",
    "../outbound/a.ts",
  ]);
  expect(specifiersIn('const x = await import("../main.ts");')).toEqual(["../main.ts"]);
  expect(partOf(join(server, "store/store.ts"))).toBe("store");
  expect(partOf(join(server, "store/messages/interface.ts"))).toBe("store");
  expect(partOf(join(server, "store/messages/sql.ts"))).toBe("store/sql");
  expect(partOf(join(server, "store/sqlite/claims.ts"))).toBe("store/sqlite");
});

function imports(): Import[] {
  return sourceFiles().flatMap((file) => {
    const from = partOf(file);
    if (from === null) return [];
    return specifiers(file).flatMap((specifier) => {
      const to = targetPart(file, specifier);
      return to === null ? [] : [{ file: relative(root, file), from, to }];
    });
  });
}

/** The files that each file imports, by their paths from the root. */
function importGraph(): Map<string, string[]> {
  const files = sourceFiles();
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const targets = specifiers(file)
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => resolve(dirname(file), specifier))
        .filter((target) => known.has(target));
      return [relative(root, file), targets.map((target) => relative(root, target))];
    }),
  );
}

/** The sets of files that reach each other by imports, each in the order of names: Tarjan's algorithm. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  function visit(file: string): number {
    const own = index.size;
    index.set(file, own);
    open.push(file);
    let low = own;
    for (const target of graph.get(file) ?? []) {
      if (!index.has(target)) low = Math.min(low, visit(target));
      else if (open.includes(target)) low = Math.min(low, index.get(target) ?? low);
    }
    if (low === own) {
      const members = open.splice(open.indexOf(file));
      if (members.length > 1 || graph.get(file)?.includes(file)) found.push(members.sort());
    }
    return low;
  }
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return found;
}

function sourceFiles(): string[] {
  const files = ["packages/server/src", "packages/receiver/src", "packages/sdk/src"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".test.ts") && !name.includes("fixtures/"))
      .map((name) => join(root, folder, name)),
  );
  if (files.length === 0) throw new Error("No source file was found: the test would pass without having looked.");
  return files;
}

function targetPart(file: string, specifier: string): string | null {
  if (specifier.startsWith(".")) return partOf(resolve(dirname(file), specifier));
  return /^@weft\/(receiver|sdk)\b/.exec(specifier)?.[1] ?? null;
}

function partOf(file: string): string | null {
  const other = /packages\/(receiver|sdk)\/src\//.exec(file)?.[1];
  if (other !== undefined) return other;
  if (!file.startsWith(server)) return null;
  const [folder = "", inner = ""] = relative(server, file).split("/");
  if (folder === "store") return partOfStore(inner, relative(server, file));
  if (folder === "delivery" && inner === "targets") return "delivery/targets";
  return folder.replace(/\.ts$/, "");
}

/** Files of the store, besides the interfaces, that other parts may import. */
const openFiles = ["store.ts", "page.ts", "vault.ts", "master-key.ts", "sync-to-disk.ts", "namespace-operators.ts"];

function partOfStore(inner: string, path: string): string {
  if (openFiles.includes(inner) || path.endsWith("/interface.ts")) return "store";
  return ["sqlite", "postgres"].includes(inner) ? `store/${inner}` : "store/sql";
}

function specifiers(file: string): string[] {
  return specifiersIn(readFileSync(file, "utf8"));
}

function valueSpecifiers(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return specifiersIn(text.replaceAll(/^import type [^;]+;/gm, ""));
}

/** The names that a file imports from these modules, types excluded. */
function namesTakenFrom(file: string, modules: readonly string[]): string[] {
  const found = readFileSync(file, "utf8").matchAll(/^import \{([^}]*)\} from "([^"]+)"/gm);
  return [...found]
    .filter(([, , from = ""]) => modules.includes(from))
    .flatMap(([, names = ""]) => names.split(",").map((name) => name.trim()))
    .filter((name) => name !== "" && !name.startsWith("type "))
    .map((name) => name.split(" as ")[0] ?? name);
}

function specifiersIn(text: string): string[] {
  const found = text.matchAll(
    /(?:^|\s)(?:import|export)\b[^;"']*?from\s*"([^"]+)"|import\(\s*"([^"]+)"|^import\s+"([^"]+)"/gm,
  );
  return [...found].map(([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? "");
}
