import { expect, test } from "vitest";
import { assertNever } from "./assert-never.ts";

test("a case that the types exclude is reported with its value", () => {
  expect(() => assertNever({ kind: "new" } as never)).toThrow('{"kind":"new"}');
});
