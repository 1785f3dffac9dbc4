import { strykerOptions } from "./stryker-options.ts";

export default strykerOptions("receiver", "packages/receiver/src", [
  "limits.ts", // numbers alone
  "events.ts", // generated, and nothing but types
]);
