import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "../config/config.ts";
import { until } from "../delivery/fixtures/manual-clock.ts";
import { portForProcess } from "../outbound/fixtures/port-for-process.ts";
import { openArchiveStorage } from "../wiring/archive.ts";
import { type ArchiveStorage, ArchiveStorageError, writeVerified } from "./archive-storage.ts";
import { accessKey, S3Service } from "./fixtures/s3-service.ts";

interface Service {
  readonly bucket: string;
  readonly endpoint: string;
  readonly region: string;
}

function storageAt(service: Service, changes: Record<string, string> = {}): ArchiveStorage {
  const config = readConfig("serve", {
    WEFT_ARCHIVE: `s3://${service.bucket}/weft/prod`,
    WEFT_ARCHIVE_S3_ENDPOINT: service.endpoint,
    WEFT_ARCHIVE_S3_REGION: service.region,
    WEFT_ARCHIVE_S3_ACCESS_KEY_ID: accessKey.id,
    WEFT_ARCHIVE_S3_SECRET_ACCESS_KEY: accessKey.secret,
    ...changes,
  });
  const storage = openArchiveStorage(config, {});
  if (storage === null) throw new Error("no archive");
  onTestFinished(async () => await storage[Symbol.asyncDispose]());
  return storage;
}

const name = "0193f6a0-0000-7000-8000-000000000000/2026/11/30/file name+ä-0-12ab.ndjson.gz";

test("files are written below the prefix with a valid signature, and read back unchanged", async () => {
  const service = await S3Service.start();
  const storage = storageAt(service);
  const content = randomBytes(3 * 1024 * 1024);
  await writeVerified(storage, name, content);
  expect(service.objects.get(`weft/prod/${name}`)?.equals(content)).toBe(true);
  expect((await storage.read(name, content.length)).equals(content)).toBe(true);
});

test("a storage that returns other bytes than were written is found out", async () => {
  const service = await S3Service.start();
  service.onPut = (_name, content) => content.subarray(1);
  const written = writeVerified(storageAt(service), name, Buffer.from("content"));
  await expect(written).rejects.toThrow(ArchiveStorageError);
  await expect(written).rejects.toThrow("returned other bytes for");
});

test("a refusal names the storage, the file and the code of the service, and contains no secret", async () => {
  const service = await S3Service.start();
  const refusal = async (changes: Record<string, string>) => {
    const error = await storageAt(service, changes)
      .write(name, Buffer.from("content"))
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ArchiveStorageError);
    const { message } = error as Error;
    expect(message).not.toContain(accessKey.secret);
    return message;
  };
  expect(await refusal({ WEFT_ARCHIVE_S3_SECRET_ACCESS_KEY: "wrong" })).toContain(
    "(status 403, SignatureDoesNotMatch)",
  );
  expect(await refusal({ WEFT_ARCHIVE_S3_ACCESS_KEY_ID: "unknown" })).toContain("(status 403, InvalidAccessKeyId)");
  expect(await refusal({ WEFT_ARCHIVE: "s3://other-bucket" })).toContain("s3://other-bucket/ refused to write");
  expect(await refusal({ WEFT_ARCHIVE_S3_ENDPOINT: "http://127.0.0.1:1" })).toContain("cannot be reached at");
});

test("a real S3 server accepts the requests and the signature", async ({ skip }) => {
  const isMissing = spawnSync("s3s-fs", ["--help"]).status !== 0;
  skip(isMissing, "s3s-fs is not installed: cargo install s3s-fs --features binary");
  const folder = mkdtempSync(join(tmpdir(), "weft-s3-"));
  mkdirSync(join(folder, "weft-archive"));
  const port = await portForProcess();
  const server: ChildProcess = spawn(
    "s3s-fs",
    [
      "--access-key",
      accessKey.id,
      "--secret-key",
      accessKey.secret,
      "--host",
      "127.0.0.1",
      "--port",
      `${port}`,
      folder,
    ],
    { stdio: "ignore" },
  );
  onTestFinished(() => {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}`).then(
      () => true,
      () => false,
    );
  await until("the server listens", isReady);
  const service = { bucket: "weft-archive", endpoint: `http://127.0.0.1:${port}`, region: "us-east-1" };
  const content = randomBytes(1024 * 1024);
  await writeVerified(storageAt(service), name, content);
  const wrong = storageAt(service, { WEFT_ARCHIVE_S3_SECRET_ACCESS_KEY: "wrong" });
  await expect(wrong.write(name, content)).rejects.toThrow("status 403");
});
