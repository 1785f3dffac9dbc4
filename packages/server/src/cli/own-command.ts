import { isSea } from "node:sea";

/** How a user starts the command line of this Weft. */
export interface OwnCommand {
  readonly text: string;
  /** The repository's command works in its folder only; the executable needs no Node. */
  readonly kind: "executable" | "installed" | "repository";
}

export function ownCommand({ execPath }: Pick<NodeJS.Process, "execPath">): OwnCommand {
  if (isSea()) return { text: quoted(execPath), kind: "executable" };
  // Outside of the repository, `npx weft` would run a stranger's package of that name.
  if (import.meta.filename.includes("/node_modules/")) return { text: "npx @weft/server", kind: "installed" };
  return { text: "npx weft", kind: "repository" };
}

/** The text as one word of a shell. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
