import fc from "fast-check";
import { expect, test } from "vitest";
import { NewestLines } from "./newest-lines.ts";
import { TapSecrets } from "./tap-secrets.ts";

const secret = "s3cret-of-the-tap";
const secrets = new TapSecrets([{ token: secret, list: ["abc"], key: "first line\nsecond line" }]);

function shown(chunks: readonly string[]): string[] {
  const lines = new NewestLines();
  for (const chunk of chunks) lines.add(Buffer.from(chunk));
  return lines.shown(secrets);
}

test("the newest lines are kept, and an unfinished line counts", () => {
  expect(shown(["one\ntwo\n\nth", "ree\nfour"])).toEqual(["one", "two", "three", "four"]);
  const many = Array.from({ length: 100 }, (_, index) => `line ${index}\n`);
  expect(shown([many.join("")])).toEqual(many.slice(-20).map((line) => line.trim()));
  expect(shown(many)).toEqual(many.slice(-20).map((line) => line.trim()));
});

test("secrets are removed in the spellings of URLs and JSON, and line by line", () => {
  expect(shown([`a ${secret} b\nfirst line\nxsecond liney\n`])).toEqual(["a *** b", "***", "x***y"]);
  const encoded = new TapSecrets(['p"ss/wörd 1']);
  const lines = new NewestLines();
  lines.add(Buffer.from('p%22ss%2Fw%C3%B6rd%201\np%22ss%2Fw%C3%B6rd+1\n{"p\\"ss/wörd 1"}\n'));
  expect(lines.shown(encoded)).toEqual(["***", "***", '{"***"}']);
});

test("no part of a secret is shown, wherever lines and chunks are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(5_000), fc.constant("\n")), { maxLength: 8 }), fc.nat(9_000), (parts, cut) => {
      const text = parts.map((part) => (part === "\n" ? "\n" : `${"-".repeat(Number(part))}${secret}`)).join("");
      const all = shown([text.slice(0, cut), text.slice(cut)]).join("\n");
      expect(all).not.toMatch(/s3|tap/);
    }),
    { numRuns: 200 },
  );
});
