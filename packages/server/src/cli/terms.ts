import type { Command } from "commander";
import { glossary, type TermName } from "../domain/glossary.ts";

const width = 80;
const indent = 2;

/** Appends the definitions of these terms to the help of a command. */
export function addTerms(command: Command, names: readonly TermName[]): Command {
  const terms = names.map((name) => glossary[name]);
  const longest = Math.max(...terms.map(({ name }) => name.length));
  const lines = terms.flatMap(({ name, meaning }) => {
    const [first = "", ...others] = wrapped(meaning, width - indent - longest - 2);
    const margin = " ".repeat(indent + longest + 2);
    return [`${" ".repeat(indent)}${name.padEnd(longest)}  ${first}`, ...others.map((line) => `${margin}${line}`)];
  });
  return command.addHelpText("after", ["", "Terms:", ...lines].join("\n"));
}

function wrapped(text: string, lengthMax: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > lengthMax) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
