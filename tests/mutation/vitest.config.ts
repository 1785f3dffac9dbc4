import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    setupFiles: ["tests/mutation/fixed-seed.ts"],
    // A mutant that forgets to answer is found when its test has waited this long: far more than any of them needs.
    testTimeout: 5_000,
    hookTimeout: 5_000,
  },
});
