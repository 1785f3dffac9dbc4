import { type MessageId, type OrganizationId, timeOfId } from "../domain/id.ts";
import type { Store } from "../store/store.ts";
import { type ArchiveStorage, sha256, writeVerified } from "./archive-storage.ts";
import { archivedLines } from "./archived-lines.ts";
import { CompressedLines } from "./compressed-lines.ts";

export interface ArchivedMessages {
  /** The first of the given messages, all of one day (UTC). */
  readonly messageIds: readonly MessageId[];
  readonly files: number;
  readonly bytes: number;
}

const partBytesMax = 8 * 1024 * 1024;
const chunkLength = 512 * 1024;

/**
 * Writes messages that are about to be deleted to a storage, with their deliveries and attempts: compressed NDJSON by
 * organization and day. The name of a file contains its first message and a hash of its content, so that a repetition after an
 * interruption writes the same files again, and files of different content never replace each other.
 */
export class Archive {
  readonly #storage: ArchiveStorage;

  constructor(storage: ArchiveStorage) {
    this.#storage = storage;
  }

  /** Archives the messages of the first day. All of their files have been read back when it returns. */
  async write(
    store: Store,
    organizationId: OrganizationId,
    messageIds: readonly [MessageId, ...MessageId[]],
  ): Promise<ArchivedMessages> {
    const [first] = messageIds;
    const day = dayOf(first);
    const next = messageIds.findIndex((id) => dayOf(id) !== day);
    const ofDay = next === -1 ? messageIds : messageIds.slice(0, next);
    const lines = new CompressedLines({ partBytesMax, chunkLength });
    let [files, bytes] = [0, 0];
    const keep = async (part: Buffer | null): Promise<void> => {
      if (part === null) return;
      const name = `${organizationId}/${day}/${first}-${files}-${sha256(part).slice(0, 16)}.ndjson.gz`;
      await writeVerified(this.#storage, name, part);
      files += 1;
      bytes += part.length;
    };
    for await (const line of archivedLines(store, organizationId, ofDay)) await keep(await lines.add(line));
    await keep(await lines.end());
    return { messageIds: ofDay, files, bytes };
  }
}

/** The day of a message (UTC) as a path, such as `2026/11/30`. */
function dayOf(messageId: MessageId): string {
  return new Date(timeOfId(messageId)).toISOString().slice(0, 10).replaceAll("-", "/");
}
