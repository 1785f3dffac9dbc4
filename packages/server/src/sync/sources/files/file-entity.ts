import type { Breadcrumb } from "../../../store/entities/interface.ts";
import type { SourceEntity } from "../../source.ts";

export interface FileText {
  /** Ends with the path. */
  readonly id: string;
  /** With `/` between the names of folders. */
  readonly path: string;
  readonly text: string;
  readonly url?: string;
  /** The entities that contain all files. */
  readonly containers?: readonly Breadcrumb[];
}

/** The entity of a text file. Its folders are its breadcrumbs. */
export function fileEntity({ id, path, text, url, containers = [] }: FileText): SourceEntity {
  const names = path.split("/");
  const name = names.pop() ?? path;
  const prefix = id.slice(0, id.length - path.length);
  const folders = names.map((folder, index) => {
    return { id: `${prefix}${names.slice(0, index + 1).join("/")}`, type: "folder", name: folder };
  });
  const breadcrumbs = [...containers, ...folders];
  return {
    ...{ kind: "entity", id, type: "file", name, text },
    ...(url !== undefined && { url }),
    ...(breadcrumbs.length > 0 && { breadcrumbs }),
  };
}
