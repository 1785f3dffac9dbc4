import { tmpdir } from "node:os";
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { makeMemoryFolder } from "./tests/setup/memory-folder.ts";

const full = "**/*.full.test.ts";
const server = "packages/server/src";
const setUp = ["tests/setup/test-packages.ts", "tests/setup/sqlite.ts", "tests/setup/postgres.ts"];

// Test processes, and the processes that they start, inherit it.
process.env.TMPDIR = makeMemoryFolder() ?? tmpdir();

/** A part of the tests. Its files share four processes; what they need is set up once for all projects of a run. */
function project(name: string, test: TestProjectInlineConfiguration["test"]): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: { name, ...test, exclude: [...configDefaults.exclude, "**/.cache/**", ...(test?.exclude ?? [])] },
  };
}

/** Pure rules, in folders that open no store. */
const unit = [`${server}/domain/**/*.test.ts`, `${server}/report/**/*.test.ts`, "packages/sdk/**/*.test.ts"];
/** What both databases promise, and what each does alone. */
const store = [`${server}/store/**/*.test.ts`, "packages/receiver/src/{inbox,once}/**/*.test.ts"];
/** Programs as users start them: processes, browsers, fleets. */
const endToEnd = [`${server}/cli/**/*.test.ts`, "tests/**/*.test.ts"];

export default defineConfig({
  test: {
    // Real processes and sockets share two cores with the tests: a slow machine must not fail a promise.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // V8 may fall over its record of pages with code when threads come and go by the hundred, as they do here.
    execArgv: ["--no-memory-protection-keys"],
    pool: "forks",
    maxWorkers: 4,
    isolate: false,
    // Tests run in Node itself, which reads TypeScript, as the programs do that they start.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    projects: [
      project("unit", { include: unit, exclude: [full] }),
      project("store", { include: store, exclude: [full], globalSetup: setUp }),
      project("http", {
        include: ["packages/**/*.test.ts"],
        exclude: [full, ...unit, ...store, ...endToEnd],
        globalSetup: setUp,
      }),
      project("end-to-end", { include: endToEnd, exclude: [full], globalSetup: setUp }),
      // Some of these import what only Vite can: texts, and packages whose sources Node would take instead of their code.
      project("full", { include: [full], globalSetup: setUp, experimental: { viteModuleRunner: true } }),
    ],
  },
});
