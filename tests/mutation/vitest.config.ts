import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    setupFiles: ["tests/mutation/fixed-seed.ts"],
    // A mutant that never responds is detected when its test has waited this long: far more than any of them needs.
    testTimeout: 5_000,
    hookTimeout: 5_000,
  },
});
