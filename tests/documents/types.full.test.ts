import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blocksIn, locationOf, root } from "./blocks.ts";
import { toRun } from "./left-out.ts";

test("every program of the documents passes the type check on its own", () => {
  const folder = mkdtempSync(join(root, "node_modules", ".weft-documents-"));
  try {
    const programs = blocksIn("ts")
      .map(toRun)
      .filter((block) => block !== null);
    expect(programs.length).toBeGreaterThan(0);
    for (const [index, { text }] of programs.entries()) {
      writeFileSync(join(folder, `block${index}.ts`), `${text}\nexport {};\n`);
    }
    const settings = {
      extends: join(root, "tsconfig.json"),
      // Examples declare names that a reader would use later.
      compilerOptions: {
        noUnusedLocals: false,
        noUnusedParameters: false,
        lib: ["ES2024", "DOM", "DOM.Iterable"],
        types: ["node"],
      },
      include: ["*.ts", join(root, "tests/documents/given/*.ts"), join(root, "packages/server/src/**/*.d.ts")],
      exclude: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { cwd: root, encoding: "utf8" });
    const named = stdout.replaceAll(/[^\s(]*block(\d+)\.ts/g, (_, index: string) => {
      const block = programs[Number(index)];
      return block === undefined ? folder : locationOf(block);
    });
    expect(named).toBe("");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
