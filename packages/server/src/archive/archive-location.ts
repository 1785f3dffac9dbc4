// The setting that names the archive: `file:///path` or `s3://bucket/prefix`.

import { fileURLToPath } from "node:url";

export type ArchiveLocation =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "s3"; readonly bucket: string; readonly prefix: string };

/** Throws an Error that describes the mistake. */
export function parseArchiveLocation(text: string): ArchiveLocation {
  const url = URL.parse(text);
  const isPlain = url !== null && url.search === "" && url.hash === "" && url.username === "" && url.password === "";
  if (isPlain && url.protocol === "file:" && url.host === "") return { kind: "folder", path: fileURLToPath(url) };
  if (isPlain && url.protocol === "s3:" && /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.host)) {
    const path = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, "");
    return { kind: "s3", bucket: url.host, prefix: path === "" ? "" : `${path}/` };
  }
  throw new Error("expected file:///PATH or s3://BUCKET/PREFIX");
}
