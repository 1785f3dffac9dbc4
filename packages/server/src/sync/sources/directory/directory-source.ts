import { realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source, SourceError, type SourceItem } from "../../source.ts";
import { findFiles } from "./find-files.ts";
import { readTextFile } from "./read-text-file.ts";

const defaultInclude = [
  "**/*.{md,mdx,markdown,rst,adoc,txt,text,csv,tsv,json,jsonl,yaml,yml,toml,ini,xml,html,htm,svg,tex,org,log,sql,sh}",
  "**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx,css,scss,vue,svelte,py,rb,php,go,rs,java,kt,scala,swift,c,h,cc,cpp,hpp,cs,lua,r,pl}",
  "**/{README,LICENSE,NOTICE,CHANGELOG,Makefile,Dockerfile}",
];
const defaultExclude = [
  "**/{node_modules,.git,.hg,.svn,.weft,.venv,venv,__pycache__,.cache,.next,dist,build,target,coverage}/**",
  "**/*.min.{js,css}",
];

const pattern = z
  .string()
  .min(1)
  .max(limits.patternLengthMax)
  .refine((text) => !isAbsolute(text) && !text.split(/[\\/]/).includes(".."), {
    error: "A pattern stays inside the folder: it is relative and has no `..`.",
  });

/**
 * Reads the text files of a folder on this machine. `allowedFolders` are those that the operator opened, absolute; a
 * connection's folder lies in one of them. Symbolic links are not followed, so nothing outside is ever read.
 */
export function directorySource(allowedFolders: readonly string[]): Source {
  return defineSource({
    shortName: "directory",
    name: "Directory",
    className: "DirectorySource",
    description: "The text files of a folder on the machine that runs Weft.",
    authMethods: ["direct"],
    labels: ["Files"],
    supportsContinuous: false,
    isTest: false,
    entityTypes: ["file"],
    config: z.strictObject({
      path: z
        .string()
        .min(1)
        .max(limits.pathLengthMax)
        .refine((path) => isAbsolute(path) && !path.includes("\0"), {
          error: "The path is absolute, such as /srv/docs.",
        })
        .describe("The folder, as an absolute path."),
      include: z
        .array(pattern)
        .min(1)
        .max(limits.patternsMax)
        .default(defaultInclude)
        .describe("Globs of files to read."),
      exclude: z
        .array(pattern)
        .max(limits.patternsMax)
        .default(defaultExclude)
        .describe("Globs of files and folders to leave out."),
      max_file_bytes: z
        .int()
        .min(1)
        .max(limits.entityTextBytesMax)
        .default(limits.directoryFileBytesDefault)
        .describe("Larger files are left out, and counted as failed."),
    }),
    credentials: z.strictObject({}),
    check: async ({ path }) => void (await openFolder(path, allowedFolders)),
    entities: async function* ({ config, signal }) {
      const folder = await openFolder(config.path, allowedFolders);
      const found = await findFiles({ folder, include: config.include, exclude: config.exclude, signal });
      for (const problem of found.problems) yield problem;
      for (const id of found.ids) yield await readEntity(folder, id, config.max_file_bytes);
    },
  });
}

async function openFolder(path: string, allowedFolders: readonly string[]): Promise<string> {
  const folder = await realpath(path).catch((error: unknown) => refuse(path, error));
  const roots = await Promise.all(allowedFolders.map((root) => realpath(root).catch(() => null)));
  if (!roots.some((root) => root !== null && isInside(root, folder))) {
    throw new SourceError(`The folder ${path} is not one that the operator of this Weft opened for syncing.`);
  }
  const stats = await stat(folder).catch((error: unknown) => refuse(path, error));
  if (!stats.isDirectory()) throw new SourceError(`${path} is not a folder.`);
  return folder;
}

function isInside(root: string, folder: string): boolean {
  const way = relative(root, folder);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function refuse(path: string, error: unknown): never {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const what =
    code === "ENOENT" || code === "ENOTDIR" ? "does not exist" : `cannot be opened (${String(code ?? "unknown")})`;
  throw new SourceError(`The folder ${path} ${what}.`, { cause: error });
}

async function readEntity(folder: string, id: string, bytesMax: number): Promise<SourceItem> {
  const read = await readTextFile(join(folder, ...id.split("/")), bytesMax);
  if (read.kind === "refused") return { kind: "problem", id, reason: read.reason, keeps: read.keeps };
  return { kind: "entity", id, type: "file", name: id.slice(id.lastIndexOf("/") + 1), text: read.text };
}
