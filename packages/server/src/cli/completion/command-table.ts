import type { Command, Option } from "commander";

/** The words that may follow one command. */
export interface TableEntry {
  /** The words of the command, such as `weft keys create`. */
  readonly path: string;
  readonly subcommands: readonly Described[];
  readonly options: readonly TableOption[];
  /** The values that the first argument may have; empty when the command accepts any, or has none. */
  readonly values: readonly string[];
}

export interface Described {
  readonly name: string;
  readonly description: string;
}

export interface TableOption {
  /** Such as `--json`. */
  readonly long: string;
  /** Such as `-v`; null without one. */
  readonly short: string | null;
  readonly description: string;
  readonly takesValue: boolean;
  /** The values that the option may have; empty when it accepts any. */
  readonly values: readonly string[];
}

/** Lists every command that the command line offers, the program itself first. */
export function commandTable(command: Command, prefix = ""): TableEntry[] {
  const path = `${prefix}${command.name()}`;
  const help = command.createHelp();
  const entry = {
    path,
    subcommands: help
      .visibleCommands(command)
      .map((each) => ({ name: each.name(), description: help.subcommandDescription(each) })),
    options: help.visibleOptions(command).flatMap(tableOptions),
    values: command.registeredArguments[0]?.argChoices ?? [],
  };
  return [entry, ...command.commands.flatMap((each) => commandTable(each, `${path} `))];
}

/** `--org, --organization` are two long options; commander treats the first as the short form. */
function tableOptions({ long, short, description, required, argChoices }: Option): TableOption[] {
  const names = [long, short].filter((name) => name?.startsWith("--") === true) as string[];
  const letter = short?.startsWith("--") === true ? null : (short ?? null);
  return names.map((name, index) => ({
    long: name,
    short: index === 0 ? letter : null,
    description: description.replaceAll(/\s+/g, " "),
    takesValue: required,
    values: argChoices ?? [],
  }));
}

/** The paths of all commands but the program itself. */
export function pathsOf(table: readonly TableEntry[]): string[] {
  return table.slice(1).map(({ path }) => path);
}

/** The commands with an option that has a value, in the spelling that a shell sees: `weft check --mode`. */
export function* valuedOptions(table: readonly TableEntry[]): Generator<{ text: string; values: readonly string[] }> {
  for (const { path, options } of table) {
    for (const { long, takesValue, values } of options) {
      if (takesValue) yield { text: `${path} ${long}`, values };
    }
  }
}

/** A text in single quotes, which no shell interprets. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
