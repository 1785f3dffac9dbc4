import { AwsV4Signer } from "aws4fetch";
import type { FetchRequest, GuardedFetch } from "../outbound/guarded-fetch.ts";
import { type ArchiveStorage, ArchiveStorageError, sha256 } from "./archive-storage.ts";

export interface S3Settings {
  readonly bucket: string;
  /** The start of the names of all objects; empty, or with a slash at its end. */
  readonly prefix: string;
  /** The URL of the service, without a slash at its end. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const errorBytesMax = 4 * 1024;

/** Archived files as objects of an S3-compatible service, in the path style of URLs, which all services understand. */
export class S3Storage implements ArchiveStorage {
  readonly url: string;
  readonly #settings: S3Settings;
  readonly #web: GuardedFetch;

  constructor(settings: S3Settings, web: GuardedFetch) {
    this.#settings = settings;
    this.#web = web;
    this.url = `s3://${settings.bucket}/${settings.prefix}`;
  }

  async write(name: string, content: Buffer): Promise<void> {
    const headers = { "content-type": "application/gzip", "x-amz-content-sha256": sha256(content) };
    const response = await this.#request(name, { method: "PUT", headers, body: content, readBytesMax: errorBytesMax });
    if (!response.ok) throw await this.#refusal("write", name, response);
  }

  async read(name: string, bytesMax: number): Promise<Buffer> {
    const headers = { "x-amz-content-sha256": sha256(Buffer.alloc(0)) };
    const readBytesMax = Math.max(bytesMax, errorBytesMax);
    const response = await this.#request(name, { method: "GET", headers, readBytesMax });
    if (!response.ok) throw await this.#refusal("read", name, response);
    return Buffer.from(await response.arrayBuffer());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#web[Symbol.asyncDispose]();
  }

  async #request(name: string, request: FetchRequest): Promise<Response> {
    const { bucket, prefix, endpoint, region, accessKeyId, secretAccessKey } = this.#settings;
    const signer = new AwsV4Signer({
      url: `${endpoint}/${[bucket, ...`${prefix}${name}`.split("/")].map(encodeURIComponent).join("/")}`,
      method: request.method ?? "GET",
      headers: { ...request.headers },
      ...{ accessKeyId, secretAccessKey, region, service: "s3" },
    });
    const { url, headers } = await signer.sign();
    try {
      return await this.#web.fetch(String(url), { ...request, headers: Object.fromEntries(headers) });
    } catch (error) {
      throw new ArchiveStorageError(
        `The archive ${this.url} cannot be reached at ${endpoint} (${(error as Error).message}).`,
        { cause: error },
      );
    }
  }

  async #refusal(action: string, name: string, response: Response): Promise<ArchiveStorageError> {
    const code = /<Code>([\w.]{1,64})<\/Code>/.exec(await response.text())?.[1];
    const reason = code === undefined ? `status ${response.status}` : `status ${response.status}, ${code}`;
    return new ArchiveStorageError(
      `The archive ${this.url} refused to ${action} ${name} (${reason}). Check the bucket, the region and the rights of the credentials.`,
    );
  }
}
