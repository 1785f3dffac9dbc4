import { z } from "zod";
import { code, generatedNote, prose, table } from "./generate-markdown.ts";
import { annotations, type Tool } from "./src/mcp/tool.ts";
import { tools } from "./src/mcp/tools.ts";

export const mcpToolsFile = new URL("../../docs/reference/mcp-tools.md", import.meta.url);

/** The page about the tools of the MCP server. */
export function renderMcpTools(): string {
  return `# Tools for agents

${generatedNote}

Agents call these tools at \`POST /mcp\`, or through \`weft mcp\`: [Connect an agent](../agents/README.md). A tool calls the REST API
with the agent's own API key or access token. Agents see only the tools that its scopes allow. Tools that write also need
\`WEFT_MCP_WRITE=true\`, or \`weft mcp --write\`.

${table(
  ["tool", "scope", "only reads", "purpose"],
  tools.map(({ name, title, scope }) => [
    `[${code(name)}](#${name})`,
    code(scope),
    annotations[scope].readOnlyHint === true ? "yes" : "no",
    title,
  ]),
)}

${tools.map(section).join("\n\n")}
`;
}

interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly FieldSchema[];
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
}

function section({ name, description, input, output }: Tool): string {
  return `## ${name}

${description}

${fields("argument", z.toJSONSchema(input, { io: "input" }) as ObjectSchema)}

${fields("result", z.toJSONSchema(output) as ObjectSchema)}`;
}

function fields(kind: "argument" | "result", { properties = {}, required = [] }: ObjectSchema): string {
  const entries = Object.entries(properties);
  if (kind === "result") {
    const rows = entries.map(([name, field]) => [code(name), typeOf(field), prose(field.description ?? "")]);
    return table(["result", "type", "meaning"], rows);
  }
  const rows = entries.map(([name, field]) => {
    const preset = field.default === undefined ? "" : code(String(field.default));
    return [code(name), typeOf(field), required.includes(name) ? "required" : preset, prose(field.description ?? "")];
  });
  return table(["argument", "type", "default", "meaning"], rows);
}

function typeOf({ type, anyOf = [], enum: values }: FieldSchema): string {
  if (values !== undefined) return values.map(code).join(", ");
  return type === undefined ? anyOf.map(typeOf).join(" or ") : [type].flat().join(" or ");
}
