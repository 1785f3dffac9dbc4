import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source, type SourceItem } from "../../source.ts";
import { fileName, fileSettings } from "../files/file-settings.ts";
import { type FoundFiles, findFiles } from "../files/find-files.ts";
import { openFolder } from "../files/opened-folder.ts";
import { readAhead } from "../files/read-ahead.ts";
import { folderState } from "./folder-state.ts";
import { readTextFile } from "./read-text-file.ts";
import { watchFolder } from "./watch-folder.ts";

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
      ...fileSettings,
    }),
    credentials: z.strictObject({}),
    check: async ({ path }) => void (await openFolder(path, allowedFolders)),
    watch: ({ config, cursor, signal }, changed) =>
      watchFolder({ find: () => findIn(config, allowedFolders, signal), before: cursor, signal }, changed),
    entities: async function* ({ config, signal }) {
      const { folder, found } = await findIn(config, allowedFolders, signal);
      const state = await folderState(folder, found);
      for (const problem of found.problems) yield problem;
      yield* readAhead(found.ids, (id) => readEntity(folder, id, config.max_file_bytes));
      // Everything is read in each job; this is for whoever watches the folder.
      yield { kind: "cursor", value: state };
    },
  });
}

async function findIn(
  { path, include, exclude }: { path: string; include: readonly string[]; exclude: readonly string[] },
  allowedFolders: readonly string[],
  signal: AbortSignal,
): Promise<{ folder: string; found: FoundFiles }> {
  const folder = await openFolder(path, allowedFolders);
  return { folder, found: await findFiles({ folder, include, exclude, signal }) };
}

async function readEntity(folder: string, id: string, bytesMax: number): Promise<SourceItem> {
  const read = await readTextFile(join(folder, ...id.split("/")), bytesMax);
  if (read.kind === "refused") return { kind: "problem", id, reason: read.reason, keeps: read.keeps };
  return { kind: "entity", id, type: "file", name: fileName(id), text: read.text };
}
