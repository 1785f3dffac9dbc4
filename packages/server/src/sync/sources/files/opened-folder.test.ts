import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MovedError, OpenedFolder } from "./opened-folder.ts";

let base: string;
let root: string;
let docs: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "weft-opened-")));
  root = join(base, "root");
  docs = join(root, "docs");
  mkdirSync(join(docs, "inner"), { recursive: true });
  writeFileSync(join(docs, "inner", "page.md"), "Inside.");
  mkdirSync(join(base, "outside", "inner"), { recursive: true });
  writeFileSync(join(base, "outside", "inner", "page.md"), "Outside.");
});

afterEach(() => rmSync(base, { recursive: true }));

function open(path: string) {
  return OpenedFolder.open(path, [root]);
}

async function textOf(folder: OpenedFolder, path: string): Promise<string> {
  await using file = await folder.openFile(path);
  return await file.readFile("utf8");
}

test("an error about a path outside reveals nothing, not even whether it exists", async () => {
  symlinkSync(base, join(root, "up"));
  symlinkSync(join(base, "nowhere"), join(root, "dangling"));
  const outside = [
    join(base, "outside"),
    join(base, "outside", "inner", "page.md"),
    join(base, "nowhere"),
    `${root}x`,
    join(root, "..", "outside"),
    join(root, "..", "nowhere"),
    join(root, "up", "outside"),
    join(root, "up", "nowhere"),
    join(root, "up", "nowhere", "deeper"),
    join(root, "up", "outside", "inner", "page.md", "below"),
    join(root, "dangling"),
    join(root, "dangling", "below"),
  ];
  for (const path of outside) {
    await expect(open(path), path).rejects.toThrow(
      `The folder ${path} is not in a folder that the operator of this Weft allowed for syncing.`,
    );
  }
});

test("an error about a path inside names the mistake", async () => {
  await expect(open(join(docs, "nowhere"))).rejects.toThrow("does not exist");
  await expect(open(join(docs, "nowhere", "deeper"))).rejects.toThrow("does not exist");
  await expect(open(join(docs, "inner", "page.md"))).rejects.toThrow("is not a folder");
  await expect(open(join(docs, "inner", "page.md", "deeper"))).rejects.toThrow("does not exist");
});

test("a link that leads inside is another name", async () => {
  symlinkSync(docs, join(root, "link"));
  await using folder = await open(join(root, "link"));
  expect(folder.path).toBe(docs);
  expect(await textOf(folder, "inner/page.md")).toBe("Inside.");
});

test("a folder that was replaced by a link between listing and reading is not followed", async () => {
  await using folder = await open(docs);
  expect((await folder.list("inner")).map(({ name }) => name)).toEqual(["page.md"]);
  renameSync(join(docs, "inner"), join(docs, "moved"));
  symlinkSync(join(base, "outside", "inner"), join(docs, "inner"));
  await expect(folder.openFile("inner/page.md")).rejects.toThrow(MovedError);
  await expect(folder.list("inner")).rejects.toThrow();
  symlinkSync(join(base, "outside"), join(docs, "deep"));
  await expect(folder.list("deep/inner")).rejects.toThrow(MovedError);
});

test("a file that was replaced by a link is not followed", async () => {
  await using folder = await open(docs);
  rmSync(join(docs, "inner", "page.md"));
  symlinkSync(join(base, "outside", "inner", "page.md"), join(docs, "inner", "page.md"));
  await expect(folder.openFile("inner/page.md")).rejects.toMatchObject({ code: "ELOOP" });
});

test("a folder that was itself replaced by a link is not followed, by any reader", async () => {
  await using folder = await open(docs);
  renameSync(docs, join(root, "moved"));
  symlinkSync(join(base, "outside"), docs);
  await expect(folder.openFile("inner/page.md")).rejects.toThrow(MovedError);
  await expect(folder.list("")).rejects.toThrow();
});

test.runIf(process.platform === "linux")(
  "another program gets the opened folder, even if its name leads elsewhere by then",
  async () => {
    await using folder = await open(docs);
    renameSync(docs, join(root, "moved"));
    symlinkSync(join(base, "outside"), docs);
    writeFileSync(join(root, "moved", "mine"), "");
    expect(readdirSync(folder.heldPath)).toContain("mine");
  },
);
