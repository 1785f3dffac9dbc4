import { isAbsolute } from "node:path";
import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { defineSource, type Source, type SourceItem } from "../../source.ts";
import { fileEntity } from "../files/file-entity.ts";
import { FileMatching, type Globs } from "../files/file-matching.ts";
import { fileSettings } from "../files/file-settings.ts";
import { type FoundFiles, findFiles } from "../files/find-files.ts";
import { OpenedFolder } from "../files/opened-folder.ts";
import { readAhead } from "../files/read-ahead.ts";
import { folderState } from "./folder-state.ts";
import { readTextFile } from "./read-text-file.ts";
import { watchFolder } from "./watch-folder.ts";

export interface DirectorySourceParts {
  readonly allowedFolders: readonly string[];
  /** Where globs are matched. */
  readonly sandbox: Pick<Sandbox, "run">;
}

/**
 * Reads the text files of a folder on this machine. `allowedFolders` are the absolute folders that the operator allows, and a
 * connection's folder is inside one of them. Symbolic links are not followed, so that no file outside is ever read.
 */
export function directorySource({ allowedFolders, sandbox }: DirectorySourceParts): Source {
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
    check: async ({ path }) => {
      await using _ = await OpenedFolder.open(path, allowedFolders);
    },
    watch: ({ owner, config, cursor, signal }, changed) => {
      const find = async () => {
        await using folder = await OpenedFolder.open(config.path, allowedFolders);
        return { folder: folder.path, found: await findIn(folder, config, { sandbox, owner, signal }) };
      };
      return watchFolder({ find, before: cursor, signal }, changed);
    },
    entities: async function* ({ owner, config, signal }) {
      await using folder = await OpenedFolder.open(config.path, allowedFolders);
      const found = await findIn(folder, config, { sandbox, owner, signal });
      const state = await folderState(folder.path, found);
      for (const problem of found.problems) yield problem;
      yield* readAhead(found.ids, (id) => readEntity(folder, id, config.max_file_bytes));
      // Each job reads everything; the cursor is for the watcher of the folder.
      yield { kind: "cursor", value: state };
    },
  });
}

function findIn(
  folder: OpenedFolder,
  globs: Globs,
  { sandbox, owner, signal }: { sandbox: Pick<Sandbox, "run">; owner: string; signal: AbortSignal },
): Promise<FoundFiles> {
  return findFiles({
    list: (path) => folder.list(path),
    matching: new FileMatching(globs, { sandbox, owner }),
    signal,
  });
}

async function readEntity(folder: OpenedFolder, id: string, bytesMax: number): Promise<SourceItem> {
  const read = await readTextFile(folder, id, bytesMax);
  if (read.kind === "refused") return { kind: "problem", id, reason: read.reason, keeps: read.keeps };
  return fileEntity({ id, path: id, text: read.text });
}
