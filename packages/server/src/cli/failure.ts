import { WeftApiError, WeftConnectionError } from "@weft/sdk";
import { CommanderError } from "commander";
import { ConfigError, maskUrls } from "../config/config.ts";

/** 1: it failed. 2: the usage was wrong. 3, 4, 5: a receiver was graded B, C, F. */
export type ExitCode = 1 | 2 | 3 | 4 | 5;

/** The failure of a command, as a complete sentence. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The message for an error, and its exit code. */
export function failureOf(error: unknown): Failure {
  const { text, exitCode } = outcomeOf(error);
  // Errors of libraries may quote the address that they were given.
  return { text: maskUrls(text), exitCode };
}

interface Failure {
  readonly text: string;
  readonly exitCode: ExitCode;
}

function outcomeOf(error: unknown): Failure {
  if (error instanceof CommandError) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof ConfigError) return { text: error.message, exitCode: 2 };
  if (error instanceof CommanderError) return { text: usageSentence(error), exitCode: 2 };
  if (error instanceof WeftApiError) return { text: refusalText(error), exitCode: error.status === 422 ? 2 : 1 };
  if (error instanceof WeftConnectionError) return { text: connectionSentence(error), exitCode: 1 };
  if (isOutOfFiles(error)) return { text: outOfFilesSentence, exitCode: 1 };
  if (isDatabaseAway(error)) return { text: awaySentence(error), exitCode: 1 };
  if (isDatabaseInUse(error)) return { text: error.message, exitCode: 1 };
  if (isAddressInUse(error)) return { text: addressSentence(error), exitCode: 1 };
  return { text: unexpectedText(error), exitCode: 1 };
}

/** By its name, because its class belongs to one of the stores, which the command line does not import. */
export function isDatabaseInUse(error: unknown): error is Error {
  return error instanceof Error && error.name === "DatabaseInUseError";
}

function isDatabaseAway(error: unknown): error is Error {
  return error instanceof Error && error.name === "StoreUnavailableError";
}

function awaySentence({ message }: Error): string {
  return `${message} Check that the database is running, and that WEFT_DATABASE_URL names it.`;
}

function usageSentence({ message }: CommanderError): string {
  const [, usage = "", suggestion] = /^(?:error: )?(.*?)\.?(?:\n\((.*)\))?$/s.exec(message) ?? [];
  const sentences = [`${usage.charAt(0).toUpperCase()}${usage.slice(1)}.`, ...(suggestion ? [suggestion] : [])];
  return [...sentences, "Run `weft --help` or `weft COMMAND --help` for help."].join(" ");
}

function refusalText({ status, detail, errors }: WeftApiError): string {
  if (status === 401) return `${detail} Log in with \`weft login\`, or set an API key with --key or WEFT_API_KEY.`;
  const mistakes = errors.map(({ loc, msg }) => `${loc.slice(1).join(".")}: ${msg}`);
  const [only] = mistakes;
  if (only === undefined) return detail;
  return mistakes.length === 1 ? only : ["The request has mistakes:", ...mistakes].join("\n- ");
}

function connectionSentence({ message }: WeftConnectionError): string {
  return `${message} Start Weft with \`weft dev\`, or set --url or WEFT_URL to a running Weft.`;
}

// Node and SQLite report it in several ways, sometimes as the cause of another error.
function isOutOfFiles(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /EMFILE|ENFILE|too many open files/.test(error.message) || isOutOfFiles(error.cause);
}

const outOfFilesSentence =
  "This process may not open any more files. Raise its limit (`ulimit -n`, or LimitNOFILE in a systemd unit) to 4096 or more.";

interface AddressInUse {
  readonly code: "EADDRINUSE";
  readonly address: string;
  readonly port: number;
}

function isAddressInUse(error: unknown): error is AddressInUse {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE" && "port" in error;
}

function addressSentence({ address, port }: AddressInUse): string {
  return `Another program uses port ${port} on ${address}. Stop that program, or select another port with --port.`;
}

// A plain Error was thrown with a sentence for the operator. Only unexpected errors need their stack.
function unexpectedText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (Object.getPrototypeOf(error) !== Error.prototype) return error.stack ?? error.message;
  return error.cause instanceof Error ? `${error.message}\nThe cause: ${error.cause.message}` : error.message;
}
