import { createReadStream } from "node:fs";
import { type Command, Option } from "commander";
import { CommandError } from "./failure.ts";
import { addOutputFlags, type OutputFlags, printTo } from "./output.ts";
import { addSecretFlag, type SecretFlag, secretsFrom } from "./secret-flag.ts";
import { printable } from "./terminal/printable.ts";
import { type Explanation, explain, toleranceSecondsDefault } from "./verifying/explain.ts";
import {
  type ReceivedRequest,
  readHeaderLine,
  readSavedRequest,
  UnreadableRequestError,
} from "./verifying/received-request.ts";

interface Flags extends OutputFlags, SecretFlag {
  readonly header?: readonly (readonly [string, string])[] | undefined;
  readonly body?: string | undefined;
  readonly tolerance: number;
  readonly at?: Date | undefined;
}

const bytesMax = 16 * 1024 * 1024;

const help = `
The command verifies the request with @weft/receiver. If that fails, it looks for
common mistakes: a wrong clock, a secret in another encoding, JSON that was
parsed and printed again, changed headers, another version of signatures. It
never prints secrets.
Exit code: 0 when the request verifies, 1 when it does not, 2 for wrong usage.

Examples:
  WEFT_SIGNING_SECRET=whsec_… weft verify request.http
  weft verify --header 'webhook-id: msg_1' --header 'webhook-timestamp: 1768487400' \\
    --header 'webhook-signature: v1,…' --body body.json
  weft verify --at 2026-01-15T14:30:00Z request.http         a request that arrived at that time`;

export function addVerify(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("verify")
    .argument("[request]", "a saved HTTP request: a file, or - for standard input")
    .description("Verify the signature of a request, and explain why it does not match")
    .addOption(
      new Option("--header <line>", "a header of the request, as name: value; repeatable").argParser(
        (line, before: NonNullable<Flags["header"]> = []) => [...before, readHeaderFlag(line)],
      ),
    )
    .option("--body <file>", "the raw body: a file, or - for standard input")
    .option(
      "--tolerance <seconds>",
      "the allowed difference between the clocks",
      readTolerance,
      toleranceSecondsDefault,
    )
    .option("--at <time>", "verify as of this time, such as 2026-01-15T14:30:00Z (default: now)", readTime)
    .addHelpText("after", help);
  addOutputFlags(addSecretFlag(command)).action(async (saved: string | undefined, flags: Flags) => {
    const request = await readRequest(process, saved, flags);
    const secrets = secretsFrom(flags, process.env);
    if (secrets.length === 0) {
      throw new CommandError(2, "A secret is missing. Set --secret or WEFT_SIGNING_SECRET.");
    }
    const now = flags.at ?? new Date();
    const explanation = await explain({ request, secrets, now, toleranceSeconds: flags.tolerance });
    printTo(process.stdout, flags)(explanation, linesOf(explanation));
    if (!explanation.verifies) throw new CommandError(1, `The request does not verify (${explanation.code}).`);
  });
}

function linesOf({ verifies, message_id: id, age_seconds: age, findings }: Explanation): string {
  const subject = id === null ? "the request" : `message ${id}`;
  const signed = age === null ? "" : age < 0 ? `, signed ${-age} s in the future` : `, signed ${age} s ago`;
  const first = `${verifies ? "Verifies" : "Does not verify"}: ${subject}${signed}.`;
  return [first, ...findings.map(({ text }) => `  - ${text}`)].map(printable).join("\n");
}

async function readRequest(process: NodeJS.Process, saved: string | undefined, flags: Flags): Promise<ReceivedRequest> {
  const { header: headers = [], body } = flags;
  if (saved === undefined) {
    if (body !== undefined) return { headers, body: await read(process, body) };
    throw new CommandError(2, "A request is missing. Name a file with a saved request, or set --header and --body.");
  }
  if (body !== undefined || headers.length > 0) {
    throw new CommandError(2, "A saved request contains headers and body. Remove --header and --body, or the file.");
  }
  const bytes = await read(process, saved);
  return orUsage(() => readSavedRequest(bytes));
}

function readHeaderFlag(line: string): readonly [string, string] {
  return orUsage(() => readHeaderLine(line));
}

function orUsage<Read>(reading: () => Read): Read {
  try {
    return reading();
  } catch (cause) {
    if (!(cause instanceof UnreadableRequestError)) throw cause;
    throw new CommandError(2, cause.message, { cause });
  }
}

async function read(process: NodeJS.Process, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of path === "-" ? process.stdin : createReadStream(path)) {
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size > bytesMax) break;
    }
  } catch (cause) {
    throw new CommandError(2, `The file ${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
  if (size <= bytesMax) return Buffer.concat(chunks);
  throw new CommandError(2, `${path === "-" ? "Standard input" : path} has more than ${bytesMax / 1024 / 1024} MiB.`);
}

function readTolerance(text: string): number {
  const seconds = Number(text);
  if (text !== "" && seconds >= 0) return seconds;
  throw new CommandError(2, `--tolerance is a number of seconds from 0; got "${text}".`);
}

function readTime(text: string): Date {
  const at = /^\d+$/.test(text) ? new Date(Number(text) * 1_000) : new Date(text);
  if (!Number.isNaN(at.getTime())) return at;
  throw new CommandError(2, `--at is a time such as 2026-01-15T14:30:00Z, or Unix seconds; got "${text}".`);
}
