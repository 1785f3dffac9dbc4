// The sandbox task that parses responses of Salesforce's REST API.

import { z } from "zod";
import { type Parsers, responseParser } from "../http/response-shapes.ts";

export interface SalesforceShapes {
  /** `GET sobjects/{name}/describe` */
  readonly describe: { readonly label: string; readonly fields: readonly SalesforceField[] };
  /** `GET query` and `GET queryAll` */
  readonly records: { readonly records: readonly SalesforceRecord[]; readonly next: string | null };
}

export interface SalesforceField {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly isName: boolean;
  readonly isHtml: boolean;
  /** The field that this one is a part of, such as a name or an address. */
  readonly compound: string | null;
  readonly referenceTo: readonly string[];
}

export interface SalesforceRecord {
  readonly id: string;
  readonly isDeleted: boolean;
  readonly createdTime: string;
  readonly modifiedTime: string;
  /** When Salesforce last changed the record, including changes that are not a user's. */
  readonly systemTime: string;
  /** The values of the other fields as text, by name; `Account.Name` for a field of a related record. */
  readonly values: readonly (readonly [name: string, value: string])[];
}

const pageSizeMax = 2_000;
const fieldsMax = 2_000;
const apiName = z.string().regex(/^\w{1,80}$/);

const field = z
  .object({
    name: apiName,
    label: z.string(),
    type: z.string(),
    nameField: z.boolean().default(false),
    htmlFormatted: z.boolean().default(false),
    compoundFieldName: z.string().nullish(),
    encrypted: z.boolean().default(false),
    deprecatedAndHidden: z.boolean().default(false),
    referenceTo: z.array(z.string()).nullish(),
  })
  .transform((one): SalesforceField | null =>
    one.encrypted || one.deprecatedAndHidden
      ? null
      : {
          ...{ name: one.name, label: one.label, type: one.type, isName: one.nameField, isHtml: one.htmlFormatted },
          ...{ compound: one.compoundFieldName ?? null, referenceTo: one.referenceTo ?? [] },
        },
  );

const related = z.object({ Name: z.string() });

const record = z
  .looseObject({
    Id: z.string().regex(/^[A-Za-z\d]{15,18}$/),
    IsDeleted: z.boolean().default(false),
    CreatedDate: z.string().nullish(),
    LastModifiedDate: z.string().nullish(),
    SystemModstamp: z.string(),
  })
  .transform(
    ({ Id, IsDeleted, CreatedDate, LastModifiedDate, SystemModstamp, attributes: _, ...others }): SalesforceRecord => ({
      ...{ id: Id, isDeleted: IsDeleted, systemTime: SystemModstamp },
      ...{ createdTime: CreatedDate ?? "", modifiedTime: LastModifiedDate ?? "" },
      values: Object.entries(others).flatMap(([name, value]): [string, string][] => {
        const { data } = related.safeParse(value);
        if (data !== undefined) return [[`${name}.Name`, data.Name]];
        return ["string", "number", "boolean"].includes(typeof value) ? [[name, String(value)]] : [];
      }),
    }),
  );

const parsers: Parsers<SalesforceShapes> = {
  describe: z
    .object({ label: z.string(), fields: z.array(field).max(fieldsMax) })
    .transform(({ label, fields }) => ({ label, fields: fields.filter((one) => one !== null) })),
  records: z
    .object({ records: z.array(record).max(pageSizeMax), done: z.boolean(), nextRecordsUrl: z.string().nullish() })
    .refine(({ done, nextRecordsUrl }) => done || Boolean(nextRecordsUrl))
    .transform(({ records, done, nextRecordsUrl }) => ({ records, next: done ? null : nextRecordsUrl || null })),
};

const failures = z.tuple([z.object({ errorCode: z.string() })], z.unknown());

export const run = responseParser(parsers, (body) => {
  const { data } = failures.safeParse(body);
  return data === undefined ? null : { code: data[0].errorCode };
});
