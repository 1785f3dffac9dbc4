import { createReadStream } from "node:fs";
import { type Command, Option } from "commander";
import { CommandError } from "./failure.ts";
import { addSecretFlag, type SecretFlag, secretsFrom } from "./secret-flag.ts";
import { addTellFlags, type TellFlags, tellOn } from "./tell.ts";
import { printable } from "./terminal/printable.ts";
import { explain, toleranceSecondsDefault } from "./verifying/explain.ts";
import { linesOf } from "./verifying/explanation-lines.ts";
import {
  type ReceivedRequest,
  readHeaderLine,
  readSavedRequest,
  UnreadableRequestError,
} from "./verifying/received-request.ts";

interface Flags extends TellFlags, SecretFlag {
  readonly header?: readonly (readonly [string, string])[] | undefined;
  readonly body?: string | undefined;
  readonly tolerance: number;
  readonly at?: Date | undefined;
}

const bytesMax = 16 * 1024 * 1024;

const help = `
The verdict is that of @weft/receiver. Where it is no, what commonly goes wrong is tried: other readings of the secret, a clock that is off, a body
that was printed again, headers that were changed, the other version of signatures. The secret is never printed.
Exit code: 0 when it verifies, 1 when it does not, 2 for wrong usage.

Examples:
  WEFT_SIGNING_SECRET=whsec_… weft verify request.http
  weft verify --header 'webhook-id: msg_1' --header 'webhook-timestamp: 1768487400' \\
    --header 'webhook-signature: v1,…' --body body.json
  weft verify --at 2026-01-15T14:30:00Z request.http         a request that was saved at that time`;

export function addVerify(program: Command, process: NodeJS.Process): void {
  const command = program
    .command("verify")
    .argument("[request]", "a saved HTTP request: a file, or - for standard input")
    .description("Say whether the signature of a request verifies, and if not, why")
    .addOption(
      new Option("--header <line>", "a header of the request, as name: value; given again for each").argParser(
        (line, before: NonNullable<Flags["header"]> = []) => [...before, readHeaderFlag(line)],
      ),
    )
    .option("--body <file>", "the raw body: a file, or - for standard input")
    .option("--tolerance <seconds>", "how old or early it may be", readTolerance, toleranceSecondsDefault)
    .option("--at <time>", "verify as of this time, such as 2026-01-15T14:30:00Z (default: now)", readTime)
    .addHelpText("after", help);
  addTellFlags(addSecretFlag(command)).action(async (saved: string | undefined, flags: Flags) => {
    const request = await readRequest(process, saved, flags);
    const secrets = secretsFrom(flags, process.env);
    if (secrets.length === 0) {
      throw new CommandError(2, "There is no secret to verify with: give --secret or WEFT_SIGNING_SECRET.");
    }
    const now = flags.at ?? new Date();
    const explanation = await explain({ request, secrets, now, toleranceSeconds: flags.tolerance });
    tellOn(process.stdout, flags)(explanation, linesOf(explanation).map(printable).join("\n"));
    if (!explanation.verifies) throw new CommandError(1, `The request does not verify (${explanation.code}).`);
  });
}

async function readRequest(process: NodeJS.Process, saved: string | undefined, flags: Flags): Promise<ReceivedRequest> {
  const { header: headers = [], body } = flags;
  if (saved === undefined) {
    if (body !== undefined) return { headers, body: await read(process, body) };
    throw new CommandError(2, "There is no request: name a file with a saved one, or give --header and --body.");
  }
  if (body !== undefined || headers.length > 0) {
    throw new CommandError(2, "A saved request has its headers and body: give it, or --header and --body.");
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
