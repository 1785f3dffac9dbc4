import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import { CommandError } from "../failure.ts";
import { readTextFile } from "../text-file.ts";
import { type Configuration, configuration } from "./configuration-schema.ts";
import { Secrets } from "./secrets.ts";

const lengthMax = 8 * 1024 * 1024;
const mistakesMax = 20;

export interface ConfigurationFile {
  readonly configuration: Configuration;
  readonly secrets: Secrets;
}

/** Reads a configuration file. Throws a CommandError with its mistakes. */
export function readConfiguration(path: string, env: NodeJS.ProcessEnv): ConfigurationFile {
  const text = readTextFile(path);
  if (text.length > lengthMax) throw new CommandError(2, `${path} has more than ${lengthMax} characters.`);
  const parsed = configuration.safeParse(valueIn(path, text));
  if (parsed.success) return { configuration: parsed.data, secrets: new Secrets(dirname(resolve(path)), env) };
  const mistakes = parsed.error.issues.map(({ path: at, message }) => `- ${at.join(".") || "the file"}: ${message}`);
  throw new CommandError(2, `${path} has mistakes:\n${mistakes.slice(0, mistakesMax).join("\n")}`);
}

function valueIn(path: string, text: string): unknown {
  const document = parseDocument(text, { intAsBigInt: true });
  const [mistake] = document.errors;
  if (mistake !== undefined) throw new CommandError(2, `${path} is not valid YAML: ${mistake.message}`);
  try {
    return withNumbers(document.toJS(), path);
  } catch (error) {
    // Such as an alias that repeats too many values.
    if (error instanceof ReferenceError) throw new CommandError(2, `${path} is not valid YAML: ${error.message}`);
    throw error;
  }
}

/** A number that JavaScript would round must not reach Weft rounded. */
function withNumbers(value: unknown, path: string): unknown {
  if (typeof value === "bigint") {
    if (Number.isSafeInteger(Number(value))) return Number(value);
    throw new CommandError(2, `${path} has the number ${value}, which cannot be sent exactly. Set it through the API.`);
  }
  if (Array.isArray(value)) return value.map((item) => withNumbers(item, path));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withNumbers(member, path)]));
}
