import { defineSource, type Source } from "../../source.ts";
import { config, credentials, type PostgresqlSourceParts } from "./postgresql-settings.ts";

/** Reads rows of a PostgreSQL database. The client is loaded with the first job. */
export function postgresqlSource(parts: PostgresqlSourceParts): Source {
  return defineSource({
    shortName: "postgresql",
    name: "PostgreSQL",
    className: "PostgresqlSource",
    description: "Rows of tables, or of a query, in a PostgreSQL database.",
    authMethods: ["direct"],
    labels: ["Database"],
    isTest: false,
    entityTypes: ["row"],
    config,
    credentials,
    // Whether the connection can be intercepted matters too: without a certificate check, the same host counts as another
    // place.
    credentialsGoTo: ({ host, port, ssl }) => `${host}:${port} (ssl: ${ssl})`,
    entities: async function* (context) {
      const { readDatabase } = await import("./read-database.ts");
      yield* readDatabase(context, parts);
    },
  });
}
