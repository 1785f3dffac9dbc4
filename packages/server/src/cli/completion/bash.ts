import { pathsOf, quoted, type TableEntry, valuedOptions } from "./command-table.ts";

/** Bash completes file names where the script offers nothing. */
export function bashCompletion(table: readonly TableEntry[]): string {
  return `# Completion of weft for bash, created by \`weft completion bash\`.
_weft() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command=weft offered='' index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$command \${COMP_WORDS[index]}" in
      ${pathsOf(table).map(quoted).join("|")}) command+=" \${COMP_WORDS[index]}" ;;
    esac
  done
  case "$command $previous" in
${valuedCases(table)}
  esac
  case "$command" in
${table.map(commandCase).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}
complete -o default -F _weft weft
`;
}

function valuedCases(table: readonly TableEntry[]): string {
  const [some, any] = [[...valuedOptions(table)].filter(({ values }) => values.length > 0), [...valuedOptions(table)]];
  const lines = some.map(
    ({ text, values }) =>
      `    ${quoted(text)}) COMPREPLY=($(compgen -W ${quoted(values.join(" "))} -- "$current")); return ;;`,
  );
  return [...lines, `    ${any.map(({ text }) => quoted(text)).join("|")}) return ;;`].join("\n");
}

function commandCase({ path, subcommands, options, values }: TableEntry): string {
  const words = [...subcommands.map(({ name }) => name), ...values, ...options.map(({ long }) => long)];
  return `    ${quoted(path)}) offered=${quoted(words.join(" "))} ;;`;
}
