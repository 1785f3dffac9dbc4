import { hash as digest } from "node:crypto";
import { isKept, keptForm } from "../domain/kept-text.ts";
import { limits } from "../domain/limits.ts";
import type { Breadcrumb, EntityRecord } from "../store/entities/interface.ts";
import type { SourceEntity } from "./source.ts";

/** SHA-256 over all properties of an entity: a different hash means that it changed. */
export function entityHash({ id, type, name, url, text, createdAt, updatedAt, breadcrumbs }: SourceEntity): string {
  const more = createdAt ?? updatedAt ?? breadcrumbs;
  const properties = [id, type, name, url ?? null, text];
  const json = JSON.stringify(
    more === undefined ? properties : [...properties, createdAt, updatedAt, breadcrumbsOf(breadcrumbs)],
  );
  return digest("sha256", json, "base64");
}

/** The stored form of an entity. `chunks`: null if it is unchanged. */
export function recordOf(entity: SourceEntity, { hash, chunks }: Pick<EntityRecord, "hash" | "chunks">): EntityRecord {
  const { id, type, name } = entity;
  return {
    id,
    type,
    name,
    url: entity.url ?? null,
    createdAt: timeOf(entity.createdAt),
    updatedAt: timeOf(entity.updatedAt),
    breadcrumbs: breadcrumbsOf(entity.breadcrumbs),
    hash,
    chunks,
    ...(entity.replacesEarlier === true && { replacesEarlier: true }),
  };
}

// 31 December 9999.
const lastTime = 253_402_300_799_999;

function timeOf(time: number | undefined): number | null {
  return time !== undefined && Number.isInteger(time) && time >= 0 && time <= lastTime ? time : null;
}

function breadcrumbsOf(breadcrumbs: SourceEntity["breadcrumbs"] = []): readonly Breadcrumb[] {
  return breadcrumbs.slice(0, limits.breadcrumbsMax).map(({ id, type, name }) => ({
    id: keptForm(id.slice(0, limits.entityIdLengthMax)),
    type: keptForm(type.slice(0, limits.entityTypeLengthMax)),
    name: keptForm(name.slice(0, limits.nameLengthMax)),
  }));
}

/** Why an entity cannot be stored, as a sentence; null when it can. */
export function unfitness(entity: SourceEntity): string | null {
  if (entity.id === "" || entity.id.length > limits.entityIdLengthMax) {
    return `An entity's id has 1 to ${limits.entityIdLengthMax} characters.`;
  }
  // Databases would store it in another form, under which later jobs would not find it.
  if (!isKept(entity.id)) return "An entity's id contains neither NUL nor incomplete characters.";
  if (entity.type === "" || entity.type.length > limits.entityTypeLengthMax) {
    return `An entity's type has 1 to ${limits.entityTypeLengthMax} characters.`;
  }
  if (entity.name.length > limits.entityIdLengthMax)
    return `A name has at most ${limits.entityIdLengthMax} characters.`;
  if ((entity.url ?? "").length > limits.urlLengthMax) return `A url has at most ${limits.urlLengthMax} characters.`;
  const isTooLarge = Buffer.byteLength(entity.text) > limits.entityTextBytesMax;
  return isTooLarge ? `An entity's text has at most ${limits.entityTextBytesMax} bytes.` : null;
}
