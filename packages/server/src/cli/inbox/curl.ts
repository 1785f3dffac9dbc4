import { isUtf8 } from "node:buffer";
import type { Arrival } from "./arrivals.ts";

/** Headers that the program which repeats the request writes itself. */
const ofConnection = [
  "host",
  "content-length",
  "connection",
  "transfer-encoding",
  "expect",
  "keep-alive",
  "te",
  "upgrade",
];

/** A command for a shell that sends the same request again: same path, headers and bytes. */
export function curlOf({ method, path, headers, body }: Arrival, origin: string): string {
  const kept = headers.filter(([name]) => !ofConnection.includes(name.toLowerCase()));
  const isText = isUtf8(body) && !body.includes(0);
  // A header that curl would add by itself is removed; one without a value ends with a semicolon.
  const added = ["content-type", "user-agent", "accept"].filter(
    (name) => !kept.some(([other]) => other.toLowerCase() === name),
  );
  const lines = [
    `curl --globoff --path-as-is ${method === "HEAD" ? "--head" : `-X ${quoted(method)}`} ${quoted(urlOf(path, origin))}`,
    ...kept.map(([name, value]) => `-H ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`),
    ...added.map((name) => `-H ${quoted(`${name}:`)}`),
    ...(body.length === 0 ? [] : [isText ? `--data-raw ${quoted(body.toString("utf8"))}` : "--data-binary @-"]),
  ];
  const command = lines.join(" \\\n  ");
  return isText || body.length === 0 ? command : `base64 -d <<'END' | ${command}\n${body.toString("base64")}\nEND`;
}

function urlOf(path: string, origin: string): string {
  return path.startsWith("/") ? origin + path : origin;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
