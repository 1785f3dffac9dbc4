import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { notSecret } from "../../secret-credentials.ts";
import type { ResolveHost } from "../resolve-host.ts";
import type { DatabaseProxy, ReadingLimits } from "./open-database.ts";
import { parseRelationName } from "./relation-name.ts";

export interface PostgresqlSourceParts {
  readonly resolveHost: ResolveHost;
  /** Without it, connections are direct. */
  readonly proxy?: DatabaseProxy;
  readonly limits?: ReadingLimits;
}

const plainText = z.string().regex(/^[^\p{Cc}]+$/u, { error: "It has no control characters." });
const name = plainText.max(limits.nameLengthMax);
const columnNames = z.array(name).min(1).max(limits.sourceColumnsMax);

export const config = z
  .strictObject({
    host: plainText.max(limits.nameLengthMax).describe("The database's host, by name or address."),
    port: z.int().min(1).max(65_535).default(5432),
    database: name,
    tables: z
      .array(
        name.refine((text) => parseRelationName(text) !== null, { error: "Expected a table such as public.orders." }),
      )
      .min(1)
      .max(limits.sourceTablesMax)
      .optional()
      .describe("Tables or views to read, such as public.orders. Either these or `query`."),
    query: z
      .string()
      .refine((text) => text.trim() !== "" && !text.includes("\0"), { error: "Expected a query." })
      .max(limits.sourceQueryLengthMax)
      .optional()
      .describe("A query to read, with `key`.")
      .meta({ multiline: true }),
    entity_type: plainText
      .max(limits.entityTypeLengthMax)
      .default("row")
      .describe("The type of the rows of `query`, such as `order`. Rows of a table have its name as their type."),
    key: columnNames.optional().describe("Columns that identify rows, if there is no primary key."),
    columns: columnNames.optional().describe("Columns to read. The default is all, except those with bytes."),
    cursor_column: name
      .optional()
      .describe("A timestamp, date or integer that grows when a row changes: later jobs read from its last value on."),
    full_every_hours: z
      .int()
      .min(1)
      .max(limits.fullReadHoursMax)
      .default(24)
      .describe("With `cursor_column`: how often everything is read, which finds what was deleted."),
    ssl: z
      .enum(["verify", "require", "disable"])
      .default("verify")
      .describe("`require` encrypts without verifying the host; `disable` does not encrypt."),
    ssl_ca: z
      .string()
      .max(limits.certificatesLengthMax)
      .regex(/-----BEGIN CERTIFICATE-----/, { error: "Expected certificates in PEM form." })
      .optional()
      .describe("Certificates of the host's authority, in PEM form.")
      .meta({ multiline: true }),
  })
  .refine(({ tables, query }) => (tables === undefined) !== (query === undefined), {
    error: "Give either `tables` or `query`.",
    path: ["tables"],
  })
  .refine(({ query, key }) => query === undefined || key !== undefined, {
    error: "A query needs `key`: the columns that identify its rows.",
    path: ["key"],
  });

export const credentials = z.strictObject({
  user: name.describe("A user that may read; it needs no other right.").meta(notSecret),
  password: z.string().max(limits.headerValueBytesMax).default("").describe("Empty if the database requires none."),
});

export type PostgresqlSettings = z.output<typeof config>;
export type PostgresqlCredentials = z.output<typeof credentials>;
