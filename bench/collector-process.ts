// A process that accepts the exports for an OpenTelemetry collector and discards them.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { respondToParent } from "./child.ts";

let bytes = 0;
const server = createServer((request, response) => {
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.on("end", () => response.writeHead(200).end());
});

const questions = {
  listen: () =>
    new Promise<string>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    }),
  exportedBytes: () => bytes,
};

export type CollectorQuestions = typeof questions;

respondToParent(questions, () => server.close(() => process.exit()));
