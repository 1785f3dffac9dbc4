import { readFileSync } from "node:fs";
import { code, generatedNote, prose, table } from "./generate-markdown.ts";
import { limits } from "./src/domain/limits.ts";

export const limitsFile = new URL("../../docs/reference/limits.md", import.meta.url);

const source = new URL("src/domain/limits.ts", import.meta.url);

interface Group {
  /** The comment in front of the first limit; empty without one. */
  readonly comment: string;
  readonly names: string[];
}

/** The page of the limits: each with its value, and the comment of limits.ts in front of it. */
export function renderLimits(): string {
  const values: Readonly<Record<string, unknown>> = limits;
  const rows = groupsIn(readFileSync(source, "utf8")).flatMap(({ comment, names }) =>
    names.map((name, index) => [code(name), valueText(name, values[name]), index === 0 ? prose(comment) : ""]),
  );
  return `# Limits

${generatedNote}

Everything that Weft accepts or does has a limit. The names contain the unit: \`Bytes\`, \`Ms\` (a time), \`Length\` (characters) and \`PerSecond\`. \`Max\` and \`Min\` are bounds; the
other values are fixed times and sizes. [Settings](settings.md) that operators can change are on their own page.

${table(["limit", "value", "meaning"], rows)}
`;
}

/** The limits in the order of the file. A limit without a comment belongs to the group of the comment before it. */
function groupsIn(text: string): Group[] {
  const groups: Group[] = [];
  for (const [, comment, name] of text.matchAll(/\/\*\*([\s\S]*?)\*\/|^ {2}(\w+):/gm)) {
    if (comment !== undefined) groups.push({ comment: comment.replaceAll(/\s*\n\s*\*\s?/g, " ").trim(), names: [] });
    else if (name !== undefined) groups.at(-1)?.names.push(name);
  }
  return groups.filter(({ names }) => names.length > 0);
}

function valueText(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => valueText(name, item)).join(", ");
  if (typeof value !== "number") throw new Error(`The limit ${name} is not a number.`);
  if (/ExpiryMs/.test(name)) return new Date(value).toISOString();
  if (/Ms(?=$|[A-Z])/.test(name)) return inUnits(value, times);
  if (/Bytes(?=$|[A-Z])/.test(name)) return inUnits(value, sizes);
  return value.toLocaleString("en");
}

type Units = readonly (readonly [unit: string, size: number])[];

const times: Units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
  ["ms", 1],
];

const sizes: Units = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
  ["bytes", 1],
];

function inUnits(value: number, units: Units): string {
  const [unit, size] = units.find(([, size]) => value >= size && value % size === 0) ?? ["", 1];
  return `${(value / size).toLocaleString("en")} ${unit}`.trim();
}
