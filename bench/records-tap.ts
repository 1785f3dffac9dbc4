// A tap that writes any number of records as fast as they are read. The configuration has their number.

import { readFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { benchRecord } from "./records.ts";

const config = JSON.parse(readFileSync(process.argv[process.argv.indexOf("--config") + 1] ?? "", "utf8")) as {
  count: number;
};
const metadata = [{ breadcrumb: [], metadata: { "replication-method": "FULL_TABLE" } }];
const stream = { stream: "records", tap_stream_id: "records", schema: { type: "object" }, metadata };
const recordsPerPiece = 100;

function* messages(): Generator<string> {
  yield `${JSON.stringify({ type: "SCHEMA", stream: "records", schema: {}, key_properties: ["number"] })}\n`;
  for (let number = 1; number <= config.count; ) {
    const lines: string[] = [];
    for (; lines.length < recordsPerPiece && number <= config.count; number++) {
      lines.push(JSON.stringify({ type: "RECORD", stream: "records", record: benchRecord(number) }));
    }
    lines.push(JSON.stringify({ type: "STATE", value: { number } }));
    yield `${lines.join("\n")}\n`;
  }
}

if (process.argv.includes("--discover")) process.stdout.write(JSON.stringify({ streams: [stream] }));
else await pipeline(messages(), process.stdout);
