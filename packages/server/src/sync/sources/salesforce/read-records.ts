import { limits } from "../../../domain/limits.ts";
import { type SourceEntity, SourceError, type SourceItem } from "../../source.ts";
import { PageCursors } from "../http/page-cursors.ts";
import { entityName, plainText, timeOf } from "../http/plain-text.ts";
import type { SalesforceField, SalesforceRecord } from "./parse-response.ts";
import { dataPath, type SalesforceApi } from "./salesforce-api.ts";

export interface RecordReading {
  /** The API name of the object. */
  readonly object: string;
  /** The address of the org, for the web addresses of records. */
  readonly origin: string;
  /** Only changes since this time are read, with deleted records (Unix ms); null for all records. */
  readonly since: number | null;
}

/** A page of records, and the time of the last change in it (Unix ms). All earlier changes were read. */
export interface RecordsStep {
  readonly items: readonly SourceItem[];
  readonly changedAt: number | null;
}

/** Reads the records of an object in the order of their last change. */
export async function* readRecords(api: SalesforceApi, reading: RecordReading): AsyncGenerator<RecordsStep> {
  const fields = await fieldsOf(api, reading.object);
  const resource = reading.since === null ? "query" : "queryAll";
  let address = `${dataPath}/${resource}?${new URLSearchParams({ q: queryFor(fields, reading) })}`;
  const cursors = new PageCursors(api.providerName);
  for (;;) {
    const page = await api.require({ shape: "records", address });
    const last = timeOf(page.records.at(-1)?.systemTime);
    yield { items: page.records.map((record) => itemOf(record, fields, reading)), changedAt: last ?? null };
    if (page.next === null) return;
    address = cursors.next(page.next);
  }
}

/** The types of fields whose values are text. */
const readTypes = [
  ...["string", "textarea", "picklist", "multipicklist", "combobox", "email", "phone", "url"],
  ...["currency", "double", "int", "long", "percent", "date", "datetime", "boolean"],
];

/** Every record has these fields. They are read separately, or they change when a record is only viewed. */
const systemFields = [
  ...["Id", "IsDeleted", "CreatedDate", "LastModifiedDate", "SystemModstamp"],
  ...["LastViewedDate", "LastReferencedDate", "PhotoUrl", "MasterRecordId"],
];

interface ReadFields {
  readonly shown: readonly SalesforceField[];
  /** The field that names a record, such as `Name` or `CaseNumber`. */
  readonly name: SalesforceField | null;
  readonly hasAccount: boolean;
  readonly hasOwner: boolean;
}

/** The fields that the token has access to. */
async function fieldsOf(api: SalesforceApi, object: string): Promise<ReadFields> {
  const address = `${dataPath}/sobjects/${object}/describe`;
  const described = await api.request({ shape: "describe", address, absent: [404] });
  if (described === null) {
    throw new SourceError(
      `The object ${object} does not exist in Salesforce, or the token does not have access to it.`,
    );
  }
  const { fields } = described;
  if (!fields.some(({ name }) => name === "SystemModstamp")) {
    throw new SourceError(`The object ${object} has no field SystemModstamp, so that it cannot be read.`);
  }
  const name = fields.find(({ isName }) => isName) ?? null;
  const shown = fields.filter(
    (field) =>
      readTypes.includes(field.type) &&
      !systemFields.includes(field.name) &&
      (field.compound !== name?.name || field === name),
  );
  return {
    shown: shown.slice(0, limits.salesforceFieldsMax),
    name,
    hasAccount: fields.some((field) => field.name === "AccountId" && field.referenceTo.includes("Account")),
    hasOwner: fields.some((field) => field.name === "OwnerId"),
  };
}

function queryFor({ shown, name, hasAccount, hasOwner }: ReadFields, { object, since }: RecordReading): string {
  const fields = new Set([
    ...["Id", "IsDeleted", "CreatedDate", "LastModifiedDate", "SystemModstamp"],
    ...(name === null ? [] : [name.name]),
    ...(hasAccount ? ["AccountId", "Account.Name"] : []),
    ...(hasOwner ? ["Owner.Name"] : []),
    ...shown.map((field) => field.name),
  ]);
  const time = since === null ? "" : new Date(since).toISOString().replace(/\.\d+Z$/, "Z");
  const condition = since === null ? "" : ` WHERE SystemModstamp >= ${time}`;
  return `SELECT ${[...fields].join(", ")} FROM ${object}${condition} ORDER BY SystemModstamp ASC`;
}

function itemOf(record: SalesforceRecord, fields: ReadFields, { object, origin }: RecordReading): SourceItem {
  const { id } = record;
  if (record.isDeleted) return { kind: "gone", id };
  const values = new Map(record.values);
  const title = [fields.name === null ? "" : (values.get(fields.name.name) ?? ""), values.get("Subject") ?? ""]
    .filter((part) => part !== "")
    .join(" ");
  const facts = fields.shown.flatMap((field) => factOf(field, values.get(field.name) ?? ""));
  const owner = values.get("Owner.Name") ?? "";
  const lines = [...(owner === "" ? [] : [`Owner: ${owner}`]), ...facts];
  const name = entityName(title, `${object} ${id}`);
  const [createdAt, updatedAt] = [timeOf(record.createdTime), timeOf(record.modifiedTime)];
  const entity: SourceEntity = {
    ...{ kind: "entity", id, type: object.toLowerCase(), name, url: `${origin}/${id}` },
    text: plainText(`# ${name}\n\n${lines.join("\n")}`),
    ...(createdAt !== undefined && { createdAt }),
    ...(updatedAt !== undefined && { updatedAt }),
    breadcrumbs: accountOf(values),
  };
  return entity;
}

function accountOf(values: ReadonlyMap<string, string>): NonNullable<SourceEntity["breadcrumbs"]> {
  const [id, name] = [values.get("AccountId"), values.get("Account.Name")];
  return id === undefined || name === undefined ? [] : [{ id, type: "account", name }];
}

/** One line, or a paragraph for a long value. */
function factOf({ label, type, isHtml, isName }: SalesforceField, value: string): string[] {
  if (isName || value === "" || (type === "boolean" && value !== "true")) return [];
  if (type === "boolean") return [`${label}: yes`];
  const text = isHtml
    ? value
        .replaceAll(/<[^<>]{0,1000}>/g, " ")
        .replaceAll(/[ \t]{2,}/g, " ")
        .trim()
    : value;
  return [text.includes("\n") ? `\n${label}:\n${text}\n` : `${label}: ${text}`];
}
