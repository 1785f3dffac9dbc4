import { expect, test } from "vitest";
import { robotsDirectives } from "./robots-directives.ts";

const none = { noindex: false, nofollow: false };

test.each([
  ["noindex", { ...none, noindex: true }],
  [" NoFollow ,max-snippet: 20", { ...none, nofollow: true }],
  ["none", { noindex: true, nofollow: true }],
  ["index, follow, all, noarchive, noindexing", none],
  ["", none],
  ["googlebot: noindex, nofollow", none],
  ["googlebot: noindex, weft: nofollow", { ...none, nofollow: true }],
  ["Weft: noindex, nofollow", { noindex: true, nofollow: true }],
  ["noindex, otherbot: nofollow", { ...none, noindex: true }],
  ["unavailable_after: Wed, 25 Jun 2025 15:00:00 GMT, noindex", { ...none, noindex: true }],
])("the directives %j apply to the robots that they name", (list, expected) => {
  expect(robotsDirectives([list])).toEqual(expected);
});

test("directives from several locations are combined", () => {
  expect(robotsDirectives(["noindex", "", "nofollow"])).toEqual({ noindex: true, nofollow: true });
});
