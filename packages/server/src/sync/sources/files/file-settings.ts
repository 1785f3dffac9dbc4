import { isAbsolute } from "node:path";
import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { globsMistake } from "./glob.ts";

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

const globs = z
  .array(pattern)
  .max(limits.patternsMax)
  .superRefine((list, context) => {
    const message = globsMistake(list);
    if (message !== null) context.addIssue({ code: "custom", message });
  });

/** The settings of a file source: which files it reads, and their maximum size. */
export const fileSettings = {
  include: globs.min(1).default(defaultInclude).describe("Globs of files to read, matched in any case."),
  exclude: globs.default(defaultExclude).describe("Globs of files and folders to leave out."),
  max_file_bytes: z
    .int()
    .min(1)
    .max(limits.entityTextBytesMax)
    .default(limits.directoryFileBytesDefault)
    .describe("Larger files are left out, and counted as failed."),
} as const;
