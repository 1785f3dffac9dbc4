import fc from "fast-check";

// Randomness decides which mutants a property detects, and a repeated report must be equal.
fc.configureGlobal({ seed: 1 });
