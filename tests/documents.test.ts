import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

interface Block {
  /** Where it stands: a file and a line. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
}

/** What documents take for granted: it was made further above in them, or is the reader's own. */
const given = `
import type { Router } from "@weft/receiver";
import type { toNodeHandler as toHandler } from "@weft/receiver/node";
import type { createClient as create, WeftClient } from "@weft/sdk";
import type { DatabaseSync } from "node:sqlite";
import type { Pool } from "pg";
import type { Svix } from "svix";

declare global {
  const router: Router;
  const options: { readonly secret: string };
  const toNodeHandler: typeof toHandler;
  const createClient: typeof create;
  const weft: WeftClient;
  const svix: Svix;
  const database: DatabaseSync;
  const pool: Pool;
  const signal: AbortSignal;
  const [secret, key, url, id, messageId, lastEventId]: [string, string, string, string, string, string];
  function keep(...kept: unknown[]): void;
  const handled: Map<string, number>;
}
`;

function documents(): string[] {
  const inDocs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name));
  const packages = ["receiver", "sdk", "server"].map((name) => join("packages", name, "README.md"));
  return ["README.md", "CONTRIBUTING.md", "bench/README.md", ...packages, ...inDocs];
}

function blocks(): Block[] {
  return documents().flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8");
    return [...text.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)].map(([, language = "", body = ""], index, all) => ({
      place: `${path}:${text.slice(0, all[index]?.index ?? 0).split("\n").length}`,
      language,
      text: body,
    }));
  });
}

function of(...languages: string[]): Block[] {
  const found = blocks().filter(({ language }) => languages.includes(language));
  expect(found.length, "no block was found").toBeGreaterThan(0);
  return found;
}

test("every command of the documents can be read by a shell", () => {
  const mistakes = of("sh", "bash").flatMap(({ place, text }) => {
    try {
      execFileSync("bash", ["-n"], { input: text, stdio: "pipe" });
      return [];
    } catch (error) {
      return [`${place}: ${String((error as { stderr?: unknown }).stderr)}`];
    }
  });
  expect(mistakes).toEqual([]);
});

test("every program of the documents has right types, by itself", () => {
  const folder = mkdtempSync(join(root, "node_modules", ".weft-documents-"));
  try {
    const programs = of("ts", "typescript")
      // That page's program is run as the source that it is, by a test of its own.
      .filter(({ place }) => !place.startsWith("docs/sources/write-your-own.md"))
      .map((block, index) => ({ ...block, file: `block${index}.ts` }));
    writeFileSync(join(folder, "given.d.ts"), given);
    for (const { file, text } of programs) writeFileSync(join(folder, file), `${text}\nexport {};\n`);
    const settings = {
      extends: join(root, "tsconfig.json"),
      // Examples name what a reader goes on with.
      compilerOptions: {
        noUnusedLocals: false,
        noUnusedParameters: false,
        lib: ["ES2024", "DOM", "DOM.Iterable"],
        types: ["node"],
      },
      include: ["*.ts", join(root, "packages/server/src/**/*.d.ts")],
      exclude: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const said = execFileSync("sh", ["-c", `"${process.execPath}" "${tsc}" -p "${folder}" || true`], {
      cwd: root,
      encoding: "utf8",
    });
    const named = said.replaceAll(
      /[^\s(]*block(\d+)\.ts/g,
      (_, index: string) => programs[Number(index)]?.place ?? relative(root, folder),
    );
    expect(named).toBe("");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
