import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source, type SourceItem } from "../../source.ts";
import { fileName, fileSettings } from "../files/file-settings.ts";
import { findFiles } from "../files/find-files.ts";
import { openFolder } from "../files/opened-folder.ts";
import { readTextFile } from "./read-text-file.ts";

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
      ...fileSettings,
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

async function readEntity(folder: string, id: string, bytesMax: number): Promise<SourceItem> {
  const read = await readTextFile(join(folder, ...id.split("/")), bytesMax);
  if (read.kind === "refused") return { kind: "problem", id, reason: read.reason, keeps: read.keeps };
  return { kind: "entity", id, type: "file", name: fileName(id), text: read.text };
}
