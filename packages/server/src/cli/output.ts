import type { Command } from "commander";

/** Prints one fact: as text for people, or as one JSON object on a line for programs. */
export type Print = (fact: object, text: string) => void;

export interface OutputFlags {
  readonly json?: true | undefined;
}

export function printTo(stream: NodeJS.WritableStream, { json }: OutputFlags): Print {
  return (fact, text) => void stream.write(`${json === true ? JSON.stringify(fact) : text}\n`);
}

/** Prints a list: as one text for people, or as one JSON object per line for programs. */
export function printAll(
  stream: NodeJS.WritableStream,
  flags: OutputFlags,
  facts: readonly object[],
  text: string,
): void {
  const print = printTo(stream, flags);
  if (flags.json !== true) print({}, text);
  else for (const fact of facts) print(fact, "");
}

export function addOutputFlags(command: Command): Command {
  return command.option("--json", "print one JSON object per line");
}
