// The sandbox task that matches files with globs.

import { RE2JS } from "re2js";
import { defineTask } from "../../../sandbox/task.ts";
import { expandedGlobs, globsPattern, isNegated } from "./glob.ts";

export interface MatchInput {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Paths of files and of folders, with forward slashes. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

export interface MatchOutput {
  /** The indexes in `files` of those that match. */
  readonly files: readonly number[];
  /** The indexes in `folders` of those that may contain matching files. */
  readonly folders: readonly number[];
}

export const matchFiles = defineTask<MatchInput, MatchOutput>(new URL("./match-files.ts", import.meta.url));

export function run({ files, folders, ...globs }: MatchInput): MatchOutput {
  const rules = rulesOf(globs);
  const open = new Map<string, boolean>();
  const isOpen = (folder: string): boolean => {
    const known = open.get(folder);
    if (known !== undefined) return known;
    const above = parentOf(folder);
    const is = (above === null || isOpen(above)) && !rules.exclude.test(folder);
    open.set(folder, is);
    return is;
  };
  const takes = (file: string) => {
    const folder = parentOf(file);
    return (folder === null || isOpen(folder)) && rules.include.test(file) && !rules.exclude.test(file);
  };
  return {
    files: indexesOf(files, takes),
    folders: indexesOf(
      folders,
      (folder) => isOpen(folder) && rules.reaches.some((reach) => reachesInto(reach, folder)),
    ),
  };
}

interface Rules {
  readonly include: RE2JS;
  readonly exclude: RE2JS;
  readonly reaches: readonly Reach[];
}

/** Where files of one glob can be: below its literal segments, and no deeper than its own segments unless it has `**`. */
interface Reach {
  readonly steps: readonly string[];
  readonly depthMax: number;
}

const known = new Map<string, Rules>();
const knownMax = 8;

function rulesOf(globs: Pick<MatchInput, "include" | "exclude">): Rules {
  const key = JSON.stringify([globs.include, globs.exclude]);
  const before = known.get(key);
  if (before !== undefined) return before;
  const include = globs.include.filter((glob) => !isNegated(glob));
  const left = globs.include.filter(isNegated).map((glob) => glob.slice(1));
  const exclude = [...left, ...globs.exclude.filter((glob) => !isNegated(glob))];
  const rules = {
    // `*.md` also matches README.MD. Exclusions are case-sensitive, so that they do not exclude other files.
    include: RE2JS.compile(globsPattern(include), RE2JS.CASE_INSENSITIVE),
    exclude: RE2JS.compile(globsPattern(exclude)),
    reaches: expandedGlobs(include).map(reachOf),
  };
  if (known.size >= knownMax) known.clear();
  known.set(key, rules);
  return rules;
}

function reachOf(glob: string): Reach {
  const all = glob.split("/");
  const firstWild = all.findIndex((step) => /[*?[\\()]/.test(step));
  const isDeep = glob.includes("**") || glob.includes("(");
  return {
    steps: all.slice(0, firstWild < 0 ? all.length - 1 : Math.min(firstWild, all.length - 1)).map(inSmall),
    depthMax: isDeep ? Number.POSITIVE_INFINITY : all.length - 1,
  };
}

function reachesInto({ steps, depthMax }: Reach, folder: string): boolean {
  const way = folder.split("/").map(inSmall);
  return way.length <= depthMax && way.every((step, at) => at >= steps.length || step === steps[at]);
}

function inSmall(step: string): string {
  return step.toLowerCase();
}

function parentOf(path: string): string | null {
  const at = path.lastIndexOf("/");
  return at < 0 ? null : path.slice(0, at);
}

function indexesOf(paths: readonly string[], isSelected: (path: string) => boolean): number[] {
  return paths.flatMap((path, index) => (isSelected(path) ? [index] : []));
}
