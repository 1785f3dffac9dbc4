import { expect, test } from "vitest";
import { logoMediaType } from "./portal-brand.ts";

function startingWith(...parts: (string | number[])[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))),
  );
}

test("raster images are recognised by their first bytes", () => {
  expect(logoMediaType(startingWith("\x89PNG\r\n\x1a\n", "more"))).toBe("image/png");
  expect(logoMediaType(startingWith([0xff, 0xd8, 0xff, 0xe0], "more"))).toBe("image/jpeg");
  expect(logoMediaType(startingWith("RIFF", [9, 0, 0, 0], "WEBP", "VP8 "))).toBe("image/webp");
});

test("files that can contain scripts, other files and cut-off files are no logos", () => {
  const others = ["<svg xmlns='http://www.w3.org/2000/svg'/>", "<html>", "GIF89a", "", "\x89PNG", "RIFF....WAVE"];
  expect(others.map((text) => logoMediaType(startingWith(text)))).toEqual(others.map(() => null));
});
