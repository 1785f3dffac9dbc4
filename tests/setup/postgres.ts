import type { TestProject } from "vitest/node";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { makeMigratedTemplate } from "../../packages/server/src/store/postgres/fixtures/test-databases.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A database of the server that all test files share, with the right to create others. */
    postgresUrl: string;
    /** The name of the migrated database there that tests clone. */
    postgresTemplate: string;
    /** Whether the server and its data are removed when the run ends. */
    postgresEndsWithRun: boolean;
  }
}

/**
 * Starts one PostgreSQL server for a whole run, for all projects, with one migrated database as a template.
 * WEFT_TEST_POSTGRES_URL names another server to use instead.
 */
export async function setup(project: TestProject) {
  const root = project.vitest.getRootProject();
  if (root.getProvidedContext().postgresUrl !== undefined) return;
  const given = process.env.WEFT_TEST_POSTGRES_URL;
  const server = given === undefined ? await PostgresServer.start({ isDurable: false }) : null;
  const url = server?.url("postgres") ?? given ?? "";
  const template = await makeMigratedTemplate(url);
  root.provide("postgresUrl", url);
  root.provide("postgresTemplate", template.name);
  root.provide("postgresEndsWithRun", server !== null);
  return async () => {
    if (server === null) await template.drop();
    else await server[Symbol.asyncDispose]();
  };
}
