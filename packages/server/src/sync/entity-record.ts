import { createHash } from "node:crypto";
import { limits } from "../domain/limits.ts";
import type { EntityRecord } from "../store/entities/interface.ts";
import { chunkText } from "./chunk-text.ts";
import type { SourceEntity } from "./source.ts";

/** SHA-256 over all properties of an entity: a different hash means that it changed. */
export function entityHash({ id, type, name, url, text }: SourceEntity): string {
  return createHash("sha256")
    .update(JSON.stringify([id, type, name, url ?? null, text]))
    .digest("base64");
}

/** The stored form of an entity. An unchanged entity is not split into chunks again. */
export async function recordOf(entity: SourceEntity, storedHash: string | undefined): Promise<EntityRecord> {
  const { id, type, name } = entity;
  const hash = entityHash(entity);
  const chunks = hash === storedHash ? null : await chunkText(entity.text);
  const { replacesEarlier = false } = entity;
  return { id, type, name, url: entity.url ?? null, hash, chunks, replacesEarlier };
}

/** Why an entity cannot be stored, as a sentence; null when it can. */
export function unfitness(entity: SourceEntity): string | null {
  if (entity.id === "" || entity.id.length > limits.entityIdLengthMax) {
    return `An entity's id has 1 to ${limits.entityIdLengthMax} characters.`;
  }
  if (entity.type === "" || entity.type.length > limits.entityTypeLengthMax) {
    return `An entity's type has 1 to ${limits.entityTypeLengthMax} characters.`;
  }
  if (entity.name.length > limits.entityIdLengthMax)
    return `A name has at most ${limits.entityIdLengthMax} characters.`;
  if ((entity.url ?? "").length > limits.urlLengthMax) return `A url has at most ${limits.urlLengthMax} characters.`;
  const isTooLarge = Buffer.byteLength(entity.text) > limits.entityTextBytesMax;
  return isTooLarge ? `An entity's text has at most ${limits.entityTextBytesMax} bytes.` : null;
}
