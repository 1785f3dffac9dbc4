import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

/** The size of an entry point after bundling, minifying and compressing. */
async function bundle(entry: string) {
  const built = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: true,
      target: "es2023",
      lib: { entry: new URL(entry, import.meta.url).pathname, formats: ["es"] },
    },
  });
  const [{ output }] = [built].flat() as Rolldown.RolldownOutput[] as [Rolldown.RolldownOutput];
  const code = output.map((part) => (part.type === "chunk" ? part.code : "")).join("");
  return { code, gzippedBytes: gzipSync(code, { level: 9 }).length };
}

test("verifying and routing weighs less than 6 KB, compressed", async () => {
  const { code, gzippedBytes } = await bundle("index.ts");
  expect(code).toContain("no_matching_signature");
  expect(gzippedBytes).toBeLessThan(6 * 1024);
});

test("the entry points for every runtime import nothing of Node", async () => {
  const entries = ["index.ts", "web.ts", "hono.ts", "next.ts", "lambda.ts", "koa.ts", "once/memory.ts"];
  for (const entry of entries) {
    const { code } = await bundle(entry);
    expect(code, entry).not.toMatch(/\bnode:|\bBuffer\b|\bprocess\b|\brequire\(/);
  }
});
