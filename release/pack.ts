// `npm run packages`: makes the tarballs that users install. In the repository TypeScript runs without a build; Node
// does not support that for installed packages, so these contain JavaScript, with types.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { bundleServer } from "./bundle.ts";

const root = resolve(import.meta.dirname, "..");
const names = ["receiver", "sdk", "server"] as const;
type PackageName = (typeof names)[number];

/** The parts of a package's folder that are not for users. */
const isInternal =
  /\.test\.ts$|[/-]promises\.ts$|(^|\/)(fixtures|promises|console|node_modules|dist|\.cache)\/|(^|\/)tsconfig\.json$|^(vite\.config\.ts|generate[\w-]*\.ts)$/;

export interface Tarball {
  readonly name: PackageName;
  readonly path: string;
}

/** The code of the server is bundled. The page of the inbox runs in browsers. */
const isBundled = /^src\/(?!cli\/inbox\/page\/).*\.(ts|js)$/;

/** Packs all packages into a folder. */
export async function packAll(folder: string): Promise<Tarball[]> {
  const stage = mkdtempSync(join(tmpdir(), "weft-pack-"));
  try {
    const types = join(stage, "types");
    emitTypes(types);
    const tarballs: Tarball[] = [];
    for (const name of names) {
      const staged = join(stage, name);
      await stagePackage(name, staged, join(types, "packages", name));
      tarballs.push({ name, path: join(folder, npmPack(staged, folder)) });
    }
    return tarballs;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Writes the files of a package as users install them. Without a folder of types, it has none. */
export async function stagePackage(name: PackageName, staged: string, types: string | null): Promise<void> {
  const source = join(root, "packages", name);
  for (const file of filesIn(source)) {
    if (isInternal.test(file) || (name === "server" && isBundled.test(file))) continue;
    const target = join(staged, file.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(target), { recursive: true });
    if (/\.(ts|js)$/.test(file)) writeFileSync(target, javaScriptOf(join(source, file)));
    else cpSync(join(source, file), target);
  }
  for (const file of types === null ? [] : filesIn(types)) {
    if (isInternal.test(file.replace(/\.d\.ts$/, ".ts"))) continue;
    mkdirSync(dirname(join(staged, file)), { recursive: true });
    writeFileSync(join(staged, file), withJsEndings(readFileSync(join(types ?? "", file), "utf8")));
  }
  if (name === "server") {
    cpSync(join(source, "dist"), join(staged, "dist"), { recursive: true });
    await bundleServer(source, join(staged, "lib"));
  }
  cpSync(join(root, "LICENSE"), join(staged, "LICENSE"));
  writeFileSync(join(staged, "package.json"), `${JSON.stringify(manifestOf(name, source), null, 2)}\n`);
  if (name === "server") execFileSync("chmod", ["755", join(staged, "bin/weft.js")]);
}

function javaScriptOf(path: string): string {
  const text = readFileSync(path, "utf8");
  return withBundle(withJsEndings(path.endsWith(".ts") ? stripTypeScriptTypes(text) : text));
}

/** The command imports its program. */
function withBundle(text: string): string {
  return text.replaceAll('"../src/cli/program.js"', '"../lib/program.js"');
}

/** Imports, and other references to files of the package. */
function withJsEndings(text: string): string {
  return text.replaceAll(/(["'])(\.{1,2}\/[^"'\n]*)\.ts\1/g, "$1$2.js$1");
}

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly devDependencies?: unknown;
  readonly files?: unknown;
}

function manifestOf(name: PackageName, source: string): object {
  const {
    devDependencies: _,
    files: __,
    exports,
    ...kept
  } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as Manifest;
  return {
    ...kept,
    exports: Object.fromEntries(Object.entries(exports).map(([entry, path]) => [entry, exportOf(name, path)])),
  };
}

function exportOf(name: PackageName, path: string): string | { types: string; default: string } {
  if (!path.endsWith(".ts")) return path;
  const bare = path.slice(0, -".ts".length);
  return { types: `${bare}.d.ts`, default: `${name === "server" ? bare.replace("/src/", "/lib/") : bare}.js` };
}

/** The declarations of all packages together, because they reference each other. */
function emitTypes(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const settings = join(root, "node_modules", ".weft-types.json");
  const { rootDir, exclude } = {
    rootDir: root,
    exclude: [
      "../packages/server/src/console",
      "../**/*.test.ts",
      "../**/fixtures",
      "../packages/receiver/src/promises",
    ],
  };
  writeFileSync(
    settings,
    JSON.stringify({
      extends: "../tsconfig.json",
      compilerOptions: { noEmit: false, emitDeclarationOnly: true, declaration: true, rootDir, outDir: folder },
      include: ["../packages/*/src"],
      exclude,
    }),
  );
  try {
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", settings], {
      stdio: "inherit",
    });
  } finally {
    rmSync(settings);
  }
}

function npmPack(staged: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const said = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: staged,
    encoding: "utf8",
  });
  const packed = JSON.parse(said) as { filename: string }[];
  const name = packed[0]?.filename;
  if (name === undefined) throw new Error(`npm packed nothing of ${staged}.`);
  return name;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

if (process.argv[1] === import.meta.filename) {
  const tarballs = await packAll(resolve(process.argv[2] ?? "reports/packages"));
  for (const { path } of tarballs) process.stdout.write(`${path}\n`);
}
