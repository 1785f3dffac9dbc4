import { type Described, pathsOf, quoted, type TableEntry, valuedOptions } from "./command-table.ts";

/** The script works as a file in `fpath`, and when a shell reads it. */
export function zshCompletion(table: readonly TableEntry[]): string {
  return `#compdef weft
# Completion of weft for zsh, created by \`weft completion zsh\`.
_weft() {
  local command=weft word
  local -a offered options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$command $word" in
      ${pathsOf(table).map(quoted).join("|")}) command+=" $word" ;;
    esac
  done
  case "$command \${words[CURRENT-1]}" in
${valuedCases(table)}
  esac
  case "$command" in
${table.map(commandCase).join("\n")}
  esac
  if (( \${#offered} )); then _describe command offered; fi
  if [[ \${words[CURRENT]} == -* || \${#offered} -eq 0 ]]; then _describe option options; fi
}
if [[ "\${funcstack[1]}" == _weft ]]; then
  _weft "$@"
else
  compdef _weft weft
fi
`;
}

function valuedCases(table: readonly TableEntry[]): string {
  const [some, any] = [[...valuedOptions(table)].filter(({ values }) => values.length > 0), [...valuedOptions(table)]];
  const lines = some.map(
    ({ text, values }) => `    ${quoted(text)}) compadd -- ${values.map(quoted).join(" ")}; return ;;`,
  );
  return [...lines, `    ${any.map(({ text }) => quoted(text)).join("|")}) _files; return ;;`].join("\n");
}

function commandCase({ path, subcommands, options, values }: TableEntry): string {
  const offered = [...subcommands.map(described), ...values.map(quoted)];
  const named = options.map(({ long, description }) => described({ name: long, description }));
  return `    ${quoted(path)}) offered=(${offered.join(" ")}) options=(${named.join(" ")}) ;;`;
}

/** The form of `_describe`: a colon ends the name. */
function described({ name, description }: Described): string {
  return quoted(`${name.replaceAll(":", "\\:")}:${description}`);
}
