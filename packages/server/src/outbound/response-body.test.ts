import fc from "fast-check";
import { expect, test } from "vitest";
import { ResponseBody } from "./response-body.ts";

test("however the bytes are cut, the text is that of the first bytes", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 40 }),
      fc.array(fc.nat(8)),
      fc.integer({ min: 1, max: 60 }),
      (text, cuts, kept) => {
        const body = bodyOf(inPieces(Buffer.from(text), cuts), kept);
        expect(body.length).toBe(Buffer.byteLength(text));
        const clean = text.replaceAll("\0", "\uFFFD");
        if (body.length <= kept) expect(body.text()).toBe(clean);
        else expect(clean.startsWith(body.text())).toBe(true);
        expect(body.text().length).toBeLessThanOrEqual(kept);
      },
    ),
  );
});

test("a character that the limit cuts in two is left out", () => {
  expect(bodyOf([Buffer.from("aé€")], 5).text()).toBe("aé");
  expect(bodyOf([Buffer.from("aé"), Buffer.from("€")], 2).text()).toBe("a");
});

test("bytes that are no text, and NUL, become replacement characters", () => {
  expect(bodyOf([Buffer.from([0x61, 0xff, 0x00, 0x62])], 10).text()).toBe("a\uFFFD\uFFFDb");
  expect(bodyOf([], 10).text()).toBe("");
});

function bodyOf(chunks: Buffer[], bytesKept: number): ResponseBody {
  const body = new ResponseBody(bytesKept);
  for (const chunk of chunks) body.add(chunk);
  return body;
}

function inPieces(bytes: Buffer, cuts: number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const length of cuts) {
    if (length === 0) continue;
    pieces.push(bytes.subarray(from, from + length));
    from += length;
  }
  return [...pieces, bytes.subarray(from)].filter((piece) => piece.length > 0);
}
