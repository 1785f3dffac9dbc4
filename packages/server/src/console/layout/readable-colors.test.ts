import fc from "fast-check";
import { expect, test } from "vitest";
import { contrast, readableColors } from "./readable-colors.ts";

const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, "0")}`);

test("every colour becomes readable on the surfaces of both themes", () => {
  fc.assert(
    fc.property(color, (given) => {
      const { light, dark } = readableColors(given);
      for (const surface of ["#ffffff", "#ebebeb"]) expect(contrast(light, surface)).toBeGreaterThanOrEqual(4.5);
      for (const surface of ["#14161c", "#303030"]) expect(contrast(dark, surface)).toBeGreaterThanOrEqual(4.5);
    }),
  );
});

test("a colour with enough contrast stays as it is", () => {
  expect(readableColors("#0b5e57").light).toBe("#0b5e57");
  expect(readableColors("#7dd3c8").dark).toBe("#7dd3c8");
});

test("black and white become readable", () => {
  expect(readableColors("#000000").light).toBe("#000000");
  expect(readableColors("#ffffff").dark).toBe("#ffffff");
  expect(contrast(readableColors("#000000").dark, "#303030")).toBeGreaterThanOrEqual(4.5);
  expect(contrast(readableColors("#ffffff").light, "#ebebeb")).toBeGreaterThanOrEqual(4.5);
});
