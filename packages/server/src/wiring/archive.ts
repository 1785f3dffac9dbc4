// The storage of the archive that the settings name.

import { type ArchiveStorage, ArchiveStorageError, writeVerified } from "../archive/archive-storage.ts";
import { FolderStorage } from "../archive/folder-storage.ts";
import { S3Storage } from "../archive/s3-storage.ts";
import { archiveLocationOf, type Config, ConfigError } from "../config/config.ts";
import { limits } from "../domain/limits.ts";
import { createAddressGuard } from "../outbound/address-guard.ts";
import { GuardedFetch, type GuardedFetchOptions } from "../outbound/guarded-fetch.ts";
import { NameResolver } from "../outbound/name-resolver.ts";
import { createOutboundProxy } from "../outbound/proxy/outbound-proxy.ts";

/** Null without an archive. */
export function openArchiveStorage(
  config: Config,
  connections: Pick<GuardedFetchOptions, "lookup" | "proxy">,
): ArchiveStorage | null {
  const location = archiveLocationOf(config);
  if (location === null) return null;
  if (location.kind === "folder") return new FolderStorage(location.path);
  const { archiveS3Region: region, archiveS3Endpoint: endpoint } = config;
  const settings = {
    ...{ bucket: location.bucket, prefix: location.prefix, region },
    endpoint: endpoint ?? `https://s3.${region}.amazonaws.com`,
    accessKeyId: config.archiveS3AccessKeyId ?? "",
    secretAccessKey: config.archiveS3SecretAccessKey ?? "",
  };
  // The operator names the service, which may be in a private network.
  const fetch = new GuardedFetch({
    ...connections,
    guard: createAddressGuard({ allowNetworks: ["0.0.0.0/0", "::/0"] }),
    allowHttp: true,
    timeoutMs: limits.archiveRequestMs,
    readBytesMax: limits.archiveResponseBytesMax,
  });
  return new S3Storage(settings, fetch);
}

/** Writes a small file to the archive and reads it back. Throws a ConfigError when that fails. */
export async function probeArchive(config: Config, now: () => number): Promise<void> {
  const { lookup } = new NameResolver({ servers: config.dnsServers, now });
  const storage = openArchiveStorage(config, { lookup, proxy: createOutboundProxy(config, { lookup }) });
  if (storage === null) return;
  try {
    await writeVerified(storage, "weft-check.txt", Buffer.from("Weft writes its archive here.\n"));
  } catch (error) {
    if (!(error instanceof ArchiveStorageError)) throw error;
    throw new ConfigError([`WEFT_ARCHIVE: ${error.message}`]);
  } finally {
    await storage[Symbol.asyncDispose]();
  }
}
