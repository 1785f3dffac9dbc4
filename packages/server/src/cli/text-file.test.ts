import { expect, test } from "vitest";
import { invalidUtf8At } from "./text-file.ts";

test.each<[string, Uint8Array, number]>([
  ["Latin-1", Buffer.from('{"name":"caf\u00e9"}', "latin1"), 12],
  ["a character that breaks off at the end", Buffer.from("a\u20ac").subarray(0, 3), 1],
  ["half a character", Buffer.from([0x61, 0xed, 0xa0, 0x80]), 1],
  ["an overlong form", Buffer.from([0xc0, 0xaf]), 0],
  ["a byte beyond Unicode", Buffer.from([0xef, 0xbb, 0xbf, 0xe2, 0x82, 0xac, 0xf5]), 6],
  ["a second part without a first", Buffer.concat([Buffer.from("\u00e9".repeat(1000)), Buffer.from([0x80])]), 2000],
])("in %s, the first byte that is not UTF-8 is found", (_, bytes, at) => {
  expect(invalidUtf8At(bytes)).toBe(at);
});
