import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { CommandError } from "../failure.ts";

const lengthMax = 4_096;

/** Reads a secret from the input: its whole text, or a line that a terminal does not show. */
export async function readSecret(process: NodeJS.Process, question: string): Promise<string> {
  const text = process.stdin.isTTY ? await askFor(process, question) : await readAll(process.stdin);
  const secret = text.trim();
  if (secret !== "" && secret.length <= lengthMax && !/\s/.test(secret)) return secret;
  throw new CommandError(2, "The input contains no API key. It must be one word on one line.");
}

async function askFor({ stdin, stderr }: NodeJS.Process, question: string): Promise<string> {
  stderr.write(question);
  // The terminal repeats the typed characters on this output.
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: hidden, terminal: true });
  const interrupted = new Promise<never>((_, reject) =>
    lines.once("SIGINT", () => reject(new CommandError(1, "The login was interrupted."))),
  );
  try {
    return await Promise.race([lines.question(""), interrupted]);
  } finally {
    lines.close();
    stderr.write("\n");
  }
}

async function readAll(input: NodeJS.ReadStream): Promise<string> {
  let text = "";
  for await (const chunk of input.setEncoding("utf8")) {
    text += chunk;
    if (text.length > lengthMax) break;
  }
  return text;
}
