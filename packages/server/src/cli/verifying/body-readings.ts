import { type JsonLayout, jsonPiecesOf, printJson } from "./printed-json.ts";
import type { Reading } from "./reading.ts";

/** Larger bodies are not printed again in other forms. */
export const reprintedBytesMax = 256 * 1024;

/** The bodies that may have been signed: the received one, and the forms that programs commonly change into it. */
export function bodyReadings(body: Buffer): Reading<Buffer>[] {
  const bodies = new Map<string, Reading<Buffer>>([[body.toString("latin1"), { value: body, finding: null }]]);
  for (const [signed, form] of signedForms(body)) {
    const key = signed.toString("latin1");
    if (bodies.has(key)) continue;
    const text = `The body was changed after it was signed. The signature matches ${form}; ${signed.length} bytes were signed, ${body.length} were received.`;
    bodies.set(key, { value: signed, finding: { code: "body_changed", text } });
  }
  return [...bodies.values()];
}

type SignedForm = readonly [signed: Buffer, form: string];

function* signedForms(body: Buffer): Generator<SignedForm> {
  const bytes = body.toString("latin1");
  const lineForms = {
    "the body without the line break at its end": bytes.replace(/\r?\n$/, ""),
    "the body without white space around it": bytes.trim(),
    "the body with a line break after it": `${bytes}\n`,
    "the body with LF instead of CRLF": bytes.replaceAll("\r\n", "\n"),
    "the body with CRLF instead of LF": bytes.replaceAll(/\r?\n/g, "\r\n"),
  };
  for (const [form, text] of Object.entries(lineForms)) yield [Buffer.from(text, "latin1"), form];
  const text = body.toString("utf8").replace(/^\ufeff/, "");
  yield [Buffer.from(text), "the body without its byte order mark"];
  yield [Buffer.from(`\ufeff${text}`), "the body with a byte order mark"];
  if (body.length <= reprintedBytesMax) yield* printedForms(text);
}

const layouts: Readonly<Record<string, JsonLayout>> = {
  "without spaces": { indent: "", afterComma: "", afterColon: "" },
  'with ", " and ": " as Python prints it': { indent: "", afterComma: " ", afterColon: " " },
  "indented by 2 spaces": { indent: "  ", afterComma: "", afterColon: " " },
  "indented by 4 spaces": { indent: "    ", afterComma: "", afterColon: " " },
  "indented by tabs": { indent: "\t", afterComma: "", afterColon: " " },
};

const escapings: Readonly<Record<string, (text: string) => string>> = {
  "": (text) => text,
  " and non-ASCII characters escaped": (text) => plain(text).replaceAll(/[\u007f-\uffff]/g, unicodeEscape),
  " and / escaped": (text) => plain(text).replaceAll("/", "\\/"),
};

/** The same JSON as other programs print it. The digits of numbers, the order of keys and repeated keys are kept. */
function* printedForms(text: string): Generator<SignedForm> {
  const pieces = jsonPiecesOf(text);
  if (pieces === null) return;
  const inner: unknown = JSON.parse(text);
  if (typeof inner === "string") yield [Buffer.from(inner), "the text inside the received JSON string"];
  for (const [layoutName, layout] of Object.entries(layouts)) {
    for (const [escapingName, escaped] of Object.entries(escapings)) {
      const printed = printJson(pieces, layout, escaped);
      const form = `the same JSON printed ${layoutName}${escapingName}`;
      yield [Buffer.from(printed), form];
      yield [Buffer.from(`${printed}\n`), `${form}, with a line break after it`];
    }
  }
}

function plain(text: string): string {
  return JSON.stringify(JSON.parse(text));
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
