import { createHash } from "node:crypto";
import { memberText } from "../../../domain/json-text.ts";
import { keptForm } from "../../../domain/kept-text.ts";
import { limits } from "../../../domain/limits.ts";
import { ownProperty } from "../../../domain/own-property.ts";
import type { SourceEntity, SourceGone } from "../../source.ts";
import { recordText, valueText } from "./record-text.ts";

type TapRecord = Readonly<Record<string, unknown>>;

/** The properties that a connection selects for the entities of a stream. */
export interface RecordProperties {
  readonly name: readonly string[];
  /** Empty for all. */
  readonly text: readonly string[];
}

export interface ReadRecord {
  readonly stream: string;
  readonly keyProperties: readonly string[];
  readonly record: TapRecord;
  /** The message of the record. */
  readonly line: string;
}

/** The entity of a record, or its deletion, which taps that read a database's log report. */
export function entityOf(read: ReadRecord, properties: RecordProperties): SourceEntity | SourceGone {
  const { stream, record } = read;
  const key = keyOf(read);
  const id = `${idPrefixOf(stream)}${key}`;
  if (isPresent(ownProperty(record, "_sdc_deleted_at"))) return { kind: "gone", id };
  const name = firstText(record, [...properties.name, ...nameProperties]);
  const url = urlOf(record);
  const createdAt = timeIn(record, createdProperties);
  const updatedAt = timeIn(record, updatedProperties);
  return {
    kind: "entity",
    id,
    type: typeOf(stream),
    name: keptForm(name ?? `${stream} ${key}`).slice(0, limits.entityIdLengthMax),
    text: keptForm(recordText(record, properties.text)),
    replacesEarlier: true,
    ...(url !== null && { url }),
    ...(createdAt !== null && { createdAt }),
    ...(updatedAt !== null && { updatedAt }),
  };
}

/** All ids of a stream begin with it, and no others. */
export function idPrefixOf(stream: string): string {
  return `${escaped(typeOf(stream))}/`;
}

// Names that people see come before names of programs.
const nameProperties = [
  ...["title", "Title", "name", "Name", "subject", "Subject", "display_name", "full_name", "headline", "summary"],
  ...["label", "filename", "file_name", "path", "key", "email", "Email"],
];

const createdProperties = [
  "created_at",
  "createdAt",
  "created",
  "created_time",
  "creation_date",
  "date_created",
  "CreatedDate",
];
const updatedProperties = [
  ...["updated_at", "updatedAt", "updated", "modified_at", "modified", "last_modified", "date_modified"],
  ...["last_edited_time", "LastModifiedDate", "SystemModstamp"],
];

const urlProperties = ["html_url", "web_url", "permalink", "url", "link", "href", "URL", "Url"];

/** The key of a record as text; without key properties, a hash of the record. */
function keyOf({ stream, keyProperties, record, line }: ReadRecord): string {
  const parts = keyProperties.map((name) => ownProperty(record, name));
  if (parts.length === 0 || !parts.every(isPresent)) return `#${hashOf(memberText(line, "record") ?? line)}`;
  const key = parts.map((part) => escaped(valueText(part))).join("/");
  const isTooLong = idPrefixOf(stream).length + key.length > limits.entityIdLengthMax;
  return isTooLong || key === "" ? `#${hashOf(key)}` : key;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** Slashes separate the parts of an id. */
function escaped(text: string): string {
  return keptForm(text).replaceAll(/[%/#]/g, encodeURIComponent);
}

function typeOf(name: string): string {
  const stream = keptForm(name);
  if (stream.length <= limits.entityTypeLengthMax) return stream;
  const end = `~${hashOf(stream).slice(0, 16)}`;
  return `${stream.slice(0, limits.entityTypeLengthMax - end.length)}${end}`;
}

function firstText(record: TapRecord, names: readonly string[]): string | null {
  for (const name of names) {
    const value = ownProperty(record, name);
    const text = isPresent(value) && typeof value !== "object" ? valueText(value).trim() : "";
    if (text !== "") return text;
  }
  return null;
}

function urlOf(record: TapRecord): string | null {
  for (const name of urlProperties) {
    const value = ownProperty(record, name);
    if (typeof value !== "string" || value.length > limits.urlLengthMax) continue;
    if (["http:", "https:"].includes(URL.parse(value)?.protocol ?? "")) return value;
  }
  return null;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** A time in milliseconds; taps write times as ISO text, or as a number of seconds or milliseconds. */
function timeIn(record: TapRecord, names: readonly string[]): number | null {
  for (const name of names) {
    const value = ownProperty(record, name);
    if (typeof value === "string" && isoTime.test(value)) return Date.parse(hasZone.test(value) ? value : `${value}Z`);
    if (typeof value === "number") return Math.round(value < secondsMax ? value * 1_000 : value);
  }
  return null;
}

const isoTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/;
const hasZone = /(Z|[+-]\d\d:?\d\d)$/;
const secondsMax = 10_000_000_000;
