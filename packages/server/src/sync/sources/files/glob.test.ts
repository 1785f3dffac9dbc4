import { expect, test } from "vitest";
import { limits } from "../../../domain/limits.ts";
import { globsMistake } from "./glob.ts";
import { run } from "./match-files.ts";

function takes(glob: string, path: string): boolean {
  return run({ include: [glob], exclude: [], files: [path], folders: [] }).files.length === 1;
}

test.each<[string, string[], string[]]>([
  ["*.md", ["a.md", ".md", "ü.md", "a\nb.md"], ["a/b.md", "a.mdx"]],
  ["**/*.md", ["a.md", "a/b.md", "a/.b/c.md"], ["a.mdx"]],
  ["**", ["a", "a/b/c", ".a"], []],
  ["a/**", ["a", "a/b", "a/b/c"], ["ab", "b/a"]],
  ["*/**", ["a/b", "a/b/c"], ["a"]],
  ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb"]],
  ["**/a/**", ["a", "a/x", "x/a", "x/a/y"], ["ax", "x/ab"]],
  ["a**b", ["ab", "axb"], ["a/b"]],
  ["./a.md", ["a.md"], []],
  ["a/", ["a"], ["a/b"]],
  ["?.md", ["a.md", "😀.md"], ["ab.md", ".md"]],
  ["[a-c].md", ["b.md"], ["d.md", "-.md"]],
  ["[!a-c].md", ["d.md"], ["b.md", "/.md"]],
  ["[^]a].md", ["b.md"], ["].md", "a.md"]],
  ["[]a].md", ["].md", "a.md"], ["b.md"]],
  ["[+-9]", ["-", "5"], ["/"]],
  ["[a.md", ["[a.md"], ["a.md"]],
  ["{a,b{c,d}}.md", ["a.md", "bc.md", "bd.md"], ["b.md"]],
  ["a{,b}.md", ["a.md", "ab.md"], []],
  ["{a}.md", ["{a}.md"], ["a.md"]],
  ["{a,b", ["{a,b"], ["a"]],
  ["f{1..3}", ["f1", "f3"], ["f4", "f1..3"]],
  ["f{9..11}", ["f9", "f10", "f11"], ["f1"]],
  ["f{a..c}", ["fa", "fc"], ["fd"]],
  ["{a,b}/**", ["a/x", "b/x/y", "b"], ["c/x"]],
  ["\\*.md", ["*.md"], ["a.md"]],
  ["\\{a,b\\}", ["{a,b}"], ["a"]],
  ["@(a|b).md", ["a.md"], ["ab.md"]],
  ["(a|b*).md", ["a.md", "bxx.md"], ["c.md"]],
  ["+(ab).md", ["ab.md", "abab.md"], [".md"]],
  ["*(ab).md", [".md", "abab.md"], ["a.md"]],
  ["?(ab).md", [".md", "ab.md"], ["abab.md"]],
  ["a+b|c.md", ["a+b|c.md"], ["aab|c.md"]],
  ["a.b$^", ["a.b$^"], ["axb$^"]],
])("%s takes %j and not %j", (glob, taken, left) => {
  for (const path of taken) expect(takes(glob, path), path).toBe(true);
  for (const path of left) expect(takes(glob, path), path).toBe(false);
});

test("a glob that excludes a folder excludes everything in it, and a negated glob excludes too", () => {
  const files = ["a/x.md", "a/b/y.md", "c/z.md"];
  const taken = (include: string[], exclude: string[]) =>
    run({ include, exclude, files, folders: [] }).files.map((index) => files[index]);
  expect(taken(["**"], ["a/b"])).toEqual(["a/x.md", "c/z.md"]);
  expect(taken(["**"], ["*"])).toEqual([]);
  expect(taken(["**", "!c/**"], [])).toEqual(["a/x.md", "a/b/y.md"]);
});

test("folders without selectable files are not opened", () => {
  const folders = ["a", "a/b", "c", "a/b/d", "e"];
  const opened = (include: string[], exclude: string[] = []) =>
    run({ include, exclude, files: [], folders }).folders.map((index) => folders[index]);
  expect(opened(["a/b/*.md"])).toEqual(["a", "a/b"]);
  expect(opened(["*.md"])).toEqual([]);
  expect(opened(["a/**"])).toEqual(["a", "a/b", "a/b/d"]);
  expect(opened(["**/*.md"], ["a/b"])).toEqual(["a", "c", "e"]);
});

test.each([
  ["!(a|b)", "a negated group"],
  ["x!(a)", "a negated group"],
  ["(a+)+c", "a group that is repeated"],
  ["(a|b)*", "a group that is repeated"],
  ["@(a", "not closed"],
  ["[[:alpha:]]", "a POSIX class"],
  ["[z-a]", "wrong order"],
  ["{a,b}".repeat(20), "alternatives"],
  ["{1..100000}", "values"],
  ["{1..500}{1..500}", "alternatives"],
])("%s is refused", (glob, reason) => {
  expect(globsMistake([glob])).toContain(reason);
});

test.each([
  `${"*a".repeat(9)}b`,
  `${"**/".repeat(100)}b`,
  "*(a)*(a)*(a)b",
  `${"*a".repeat(200)}b`,
  `*a${"?".repeat(200)}`,
])("%s is matched with a long name in linear time", (glob) => {
  expect(globsMistake([glob])).toBeNull();
  expect(takes(glob, `${"a".repeat(limits.pathLengthMax - 1)}c`)).toBe(/\?$/.test(glob));
});
