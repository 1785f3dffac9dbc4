import { pathsOf, type TableEntry } from "./command-table.ts";

export function fishCompletion(table: readonly TableEntry[]): string {
  return `# Completion of weft for fish, created by \`weft completion fish\`.
function __weft_command
  set -l command weft
  for word in (commandline -opc)[2..-1]
    switch "$command $word"
      case ${pathsOf(table).map(quoted).join(" ")}
        set command "$command $word"
    end
  end
  echo $command
end
complete -c weft -f
${table.flatMap(completionsOf).join("\n")}
`;
}

function completionsOf({ path, subcommands, options, values }: TableEntry): string[] {
  const complete = `complete -c weft -n ${quoted(`test (__weft_command) = "${path}"`)}`;
  return [
    ...subcommands.map(({ name, description }) => `${complete} -a ${quoted(name)} -d ${quoted(description)}`),
    ...values.map((value) => `${complete} -a ${quoted(value)}`),
    ...options.map(({ long, short, description, takesValue, values: allowed }) =>
      [
        `${complete} -l ${long.slice(2)}`,
        ...(short === null ? [] : [`-s ${short.slice(1)}`]),
        ...(takesValue ? [allowed.length === 0 ? "-r -F" : `-x -a ${quoted(allowed.join(" "))}`] : []),
        `-d ${quoted(description)}`,
      ].join(" "),
    ),
  ];
}

/** In single quotes, fish interprets a backslash before a quote and before itself. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
