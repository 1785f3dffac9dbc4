import { expect, test } from "vitest";
import { parseFindQuery } from "./find-query.ts";
import { idSource, prefixed } from "./id.ts";

const newId = idSource(
  () => 1_768_487_400_000,
  (size) => Buffer.alloc(size, 7),
);

test("an id is recognised in either spelling, with spaces around it", () => {
  const id = newId<"message">();
  for (const prefix of ["msg", "atmpt", "ep"] as const) {
    expect(parseFindQuery(` ${prefixed(prefix, id)} `).id).toBe(id);
  }
  expect(parseFindQuery(id.toUpperCase()).id).toBe(id);
  for (const text of ["msg_", "msg_!", "nothing", `key_${id}`]) expect(parseFindQuery(text).id).toBeNull();
});

test.each([
  ["customer_id:42", { field: "customer_id", text: "42" }],
  ["data.order.id: A-7", { field: "data.order.id", text: "A-7" }],
  ["url:https://example.com/", { field: "url", text: "https://example.com/" }],
  ["https://example.com/hook", null],
  ["mailto:ops@example.com", null],
  [":42", null],
  ["customer_id:", null],
])("the payload value of %s is recognised", (text, payload) => {
  expect(parseFindQuery(text).payload).toEqual(payload);
});
