#!/usr/bin/env node
// This file has no TypeScript syntax: a Node that cannot strip types must still be able to print the sentence below.

const { node } = process.versions;
if (Number.parseInt(node, 10) < 24) {
  process.stderr.write(
    `Weft needs Node 24 or newer, and this is Node ${node} (${process.execPath}). ` +
      "In the repository, `npx weft` runs on the Node that is pinned there.\n",
  );
  process.exitCode = 2;
} else {
  const { keepCompiledCode } = await import("./compile-cache.js");
  keepCompiledCode();
  const { runCli } = await import("../src/cli/program.ts");
  process.exitCode = await runCli(process.argv.slice(2), process);
  // A failed command may have left something open. That must not keep the process alive, or no supervisor would restart it.
  setTimeout(() => process.exit(), 5_000).unref();
}
