/** How the sources of one folder are mutated; only the tests next to them must detect it. */
export function strykerOptions(name: string, folder: string, left: readonly string[]) {
  return {
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    vitest: { configFile: "tests/mutation/vitest.config.ts", dir: folder },
    mutate: [`${folder}/*.ts`, "!**/*.test.ts", ...left.map((file) => `!${folder}/${file}`)],
    // Stryker rewrites this file with a TypeScript API that version 7 no longer has; without the file, it continues.
    tsconfigFile: "none",
    ignorePatterns: ["/bench", "/docs", "/examples"],
    reporters: ["progress-append-only", "json"],
    jsonReporter: { fileName: `reports/mutation/${name}.json` },
    tempDirName: `reports/mutation/${name}.tmp`,
    cleanTempDir: "always",
    // Sockets and properties share few cores with the mutants: a slow one must not count as one that hangs.
    timeoutMS: 10_000,
    concurrency: 1,
  };
}
