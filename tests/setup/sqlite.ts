import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { migrateDatabaseFile } from "../../packages/server/src/store/sqlite/fixtures/migrated-file.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The path of a migrated database file that tests copy. */
    sqliteTemplate: string;
  }
}

/** Migrates one SQLite database file for a whole run, for all projects. */
export function setup(project: TestProject) {
  const root = project.vitest.getRootProject();
  if (root.getProvidedContext().sqliteTemplate !== undefined) return;
  const folder = mkdtempSync(join(tmpdir(), "weft-template-"));
  const path = join(folder, "weft.db");
  migrateDatabaseFile(path);
  root.provide("sqliteTemplate", path);
  return () => rmSync(folder, { recursive: true });
}
