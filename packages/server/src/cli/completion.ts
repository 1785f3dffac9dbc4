import { Argument, type Command } from "commander";
import { bashCompletion } from "./completion/bash.ts";
import { commandTable, type TableEntry } from "./completion/command-table.ts";
import { fishCompletion } from "./completion/fish.ts";
import { zshCompletion } from "./completion/zsh.ts";

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } satisfies Record<
  string,
  (table: readonly TableEntry[]) => string
>;

type Shell = keyof typeof scripts;

const examples = `
Examples:
  weft completion bash > ~/.local/share/bash-completion/completions/weft
  weft completion zsh > "\${fpath[1]}/_weft"
  weft completion fish > ~/.config/fish/completions/weft.fish
  source <(weft completion bash)                         for this shell only`;

export function addCompletion(program: Command, process: NodeJS.Process): void {
  program
    .command("completion")
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(scripts)))
    .description("Print a script that completes commands and options in a shell")
    .addHelpText("after", examples)
    .action((shell: Shell) => void process.stdout.write(scripts[shell](commandTable(program))));
}
