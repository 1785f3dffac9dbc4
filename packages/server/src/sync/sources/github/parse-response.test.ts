import { expect, test } from "vitest";
import { limits } from "../../../domain/limits.ts";
import { run } from "./parse-response.ts";

function treeOf(count: number, entry: object = {}) {
  const tree = Array.from({ length: count }, (_, n) => ({
    path: `f${n}`,
    mode: "100644",
    type: "blob",
    sha: "1",
    ...entry,
  }));
  return JSON.stringify({ sha: "s", truncated: false, tree });
}

test("the regular files of a tree are selected", () => {
  const tree = [
    { path: "a b.md", mode: "100644", type: "blob", sha: "1", size: 5 },
    { path: "link", mode: "120000", type: "blob", sha: "2", size: 5 },
    { path: "folder", mode: "040000", type: "tree", sha: "3" },
    { path: "bad\0name", mode: "100644", type: "blob", sha: "4", size: 5 },
  ];
  const text = JSON.stringify({ sha: "s", truncated: false, tree });
  expect(run({ shape: "tree", text })).toEqual({
    sha: "s",
    truncated: false,
    paths: "a b.md\0",
    shas: "1\0",
    sizes: [5],
  });
});

test("a tree with too many files is truncated and marked", () => {
  expect(run({ shape: "tree", text: treeOf(limits.githubTreeFilesMax + 1) })).toMatchObject({
    truncated: true,
    sizes: [],
  });
});

test.each([
  ["tree", "[]"],
  ["tree", "{"],
  ["tree", '{"sha":1}'],
  ["issues", "{}"],
  ["issues", JSON.stringify(Array(101).fill({}))],
  ["comments", JSON.stringify(Array.from({ length: 101 }, () => ({ created_at: "now" })))],
  ["comments", "[".repeat(100_000)],
] as const)("an answer for %s of another form is none: %#", (shape, text) => {
  expect(run({ shape, text })).toBeNull();
});
