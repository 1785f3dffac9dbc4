import { hash } from "node:crypto";
import type { Candidate } from "./candidate.ts";
import {
  type Escaping,
  escapings,
  type JsonPieces,
  jsonPiecesOf,
  printJson,
  type Spacing,
  spacings,
} from "./printed-json.ts";

/** Larger bodies are not printed again in other ways. Weft sends none. */
export const reprintedBytesMax = 256 * 1024;

/** The bodies that may have been signed: first as it came, then what commonly becomes of one on its way. */
export function bodyCandidates(body: Buffer): Candidate<Buffer>[] {
  const seen = new Set([digestOf(body)]);
  const candidates: Candidate<Buffer>[] = [{ value: body, finding: null }];
  for (const [value, how] of guesses(body)) {
    const digest = digestOf(value);
    if (seen.has(digest)) continue;
    seen.add(digest);
    candidates.push({ value, finding: { code: "body_changed", text: changeText(body, value, how) } });
  }
  return candidates;
}

function digestOf(bytes: Buffer): string {
  return hash("sha256", bytes);
}

function changeText(came: Buffer, signed: Buffer, how: string): string {
  return `The body was changed after it was signed. The signature fits ${how}: ${difference(came, signed)}.`;
}

function difference(came: Buffer, signed: Buffer): string {
  let at = 0;
  while (at < came.length && came[at] === signed[at]) at += 1;
  const lengths = `${signed.length} bytes were signed, ${came.length} came`;
  return `${lengths}, and they differ from byte ${at + 1} on`;
}

type Guess = readonly [signed: Buffer, how: string];

function* guesses(body: Buffer): Generator<Guess> {
  yield* lineEnds(body);
  yield* byteOrderMarks(body);
  if (body.length > reprintedBytesMax) return;
  const text = body.toString("utf8").replace(/^\ufeff/, "");
  const pieces = jsonPiecesOf(text);
  if (pieces === null) return;
  yield* reprints(pieces);
  // A body that was made a JSON string of, by whoever printed what was printed already.
  const inner: unknown = JSON.parse(text);
  if (typeof inner === "string") yield [Buffer.from(inner), "the text inside the JSON string that came"];
  yield [Buffer.from(JSON.stringify(text)), "the body as one JSON string: it was printed twice"];
}

function* lineEnds(body: Buffer): Generator<Guess> {
  const text = body.toString("latin1");
  const bytes = (changed: string) => Buffer.from(changed, "latin1");
  yield [bytes(text.replace(/\r?\n$/, "")), "the body without the line end at its end"];
  yield [bytes(text.trim()), "the body without white space around it"];
  yield [bytes(`${text}\n`), "the body with a line end (LF) after it"];
  yield [bytes(`${text}\r\n`), "the body with a line end (CRLF) after it"];
  yield [bytes(text.replaceAll("\r\n", "\n")), "the body with LF in place of CRLF"];
  yield [bytes(text.replaceAll(/\r?\n/g, "\r\n")), "the body with CRLF in place of LF"];
  yield [bytes(text.replaceAll(/\r?\n/g, "")), "the body without its line ends"];
}

function* byteOrderMarks(body: Buffer): Generator<Guess> {
  const mark = Buffer.from("\ufeff");
  if (body.subarray(0, mark.length).equals(mark)) {
    yield [body.subarray(mark.length), "the body without the byte order mark at its start"];
  } else {
    yield [Buffer.concat([mark, body]), "the body with a byte order mark before it"];
  }
}

function* reprints(pieces: JsonPieces): Generator<Guess> {
  for (const escaping of escapings) {
    for (const spacing of spacings) {
      const text = printJson(pieces, spacing, escaping);
      if (text === null) continue;
      const how = `the same JSON printed ${nameOf(spacing, escaping)}`;
      yield [Buffer.from(text), how];
      yield [Buffer.from(`${text}\n`), `${how}, with a line end (LF) after it`];
      yield [Buffer.from(`${text}\r\n`), `${how}, with a line end (CRLF) after it`];
    }
  }
}

const spacingNames: Readonly<Record<Spacing, string>> = {
  "as it came": "with the spacing that came",
  compact: "without spaces",
  python: 'as Python does, with ", " and ": "',
  "2 spaces": "in lines, indented by 2 spaces",
  "4 spaces": "in lines, indented by 4 spaces",
  tabs: "in lines, indented by tabs",
};

const escapingNames: Readonly<Record<Escaping, string>> = {
  "as it came": "",
  plain: ", other characters than ASCII as they are",
  ascii: ", other characters than ASCII as \\u escapes",
  "ascii, upper case": ", other characters than ASCII as \\u escapes in upper case",
  html: ", with <, > and & as \\u escapes",
  slashes: ", with / as \\/",
  "ascii and slashes": ", other characters than ASCII as \\u escapes and / as \\/",
};

function nameOf(spacing: Spacing, escaping: Escaping): string {
  return spacingNames[spacing] + escapingNames[escaping];
}
