import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "tests/**/*.test.ts"],
    // Real processes and sockets share two cores with the tests: a slow machine must not fail a promise.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // V8 may fall over its record of pages with code when threads come and go by the hundred, as they do here.
    execArgv: ["--no-memory-protection-keys"],
    pool: "forks",
    maxWorkers: 2,
  },
});
