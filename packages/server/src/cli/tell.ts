import type { Command } from "commander";

/** Tells one fact: to a person as text, to a program as one JSON object on a line. */
export type Tell = (fact: object, text: string) => void;

export interface TellFlags {
  readonly json?: true | undefined;
}

export function tellOn(stream: NodeJS.WritableStream, { json }: TellFlags): Tell {
  return (fact, text) => void stream.write(`${json === true ? JSON.stringify(fact) : text}\n`);
}

/** Tells a list: to a person as one text, to a program as an object a line. */
export function tellAll(stream: NodeJS.WritableStream, flags: TellFlags, facts: readonly object[], text: string): void {
  const tell = tellOn(stream, flags);
  if (flags.json !== true) tell({}, text);
  else for (const fact of facts) tell(fact, "");
}

export function addTellFlags(command: Command): Command {
  return command.option("--json", "print one JSON object a line");
}

/** Rows under headings, in columns as wide as what stands in them. */
export function columns(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
