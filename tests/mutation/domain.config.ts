import { strykerOptions } from "./stryker-options.ts";

export default strykerOptions("domain", "packages/server/src/domain", [
  "limits.ts", // numbers alone: their arithmetic is only units
]);
