import { createHash } from "node:crypto";
import type { ProductionPackage } from "./production-packages.ts";

/** Describes packages in CycloneDX 1.6. The first package is the product; the others are its components. */
export function sbomOf(packages: readonly ProductionPackage[], time: Date): object {
  const [product, ...others] = packages;
  if (product === undefined) throw new Error("A bill of materials needs a product.");
  const document = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { timestamp: time.toISOString(), component: { ...componentOf(product), type: "application" } },
    components: others.map(componentOf),
    dependencies: packages.map(({ path, needs }) => ({ ref: path, dependsOn: needs })),
  };
  return { ...document, serialNumber: serialNumberOf(JSON.stringify(document)) };
}

function componentOf({ path, name, version, license, integrity }: ProductionPackage): object {
  return {
    type: "library",
    "bom-ref": path,
    ...namesOf(name),
    version,
    purl: purlOf(name, version),
    ...(integrity === null ? {} : { hashes: [{ alg: "SHA-512", content: hexOf(integrity) }] }),
    ...(license === null ? {} : { licenses: [licenseOf(license)] }),
  };
}

function namesOf(name: string): { group?: string; name: string } {
  const [scope, rest] = name.split("/");
  return scope !== undefined && rest !== undefined ? { group: scope, name: rest } : { name };
}

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${encodeURIComponent(version)}`;
}

function hexOf(integrity: string): string {
  const [, digest] = /^sha512-([A-Za-z0-9+/=]+)$/.exec(integrity) ?? [];
  if (digest === undefined) throw new Error(`The integrity "${integrity}" in package-lock.json is not a SHA-512.`);
  return Buffer.from(digest, "base64").toString("hex");
}

/** A combination such as `(MIT OR Apache-2.0)` is an expression; a single name is an id of SPDX. */
function licenseOf(license: string): object {
  return / (OR|AND|WITH) /.test(license) ? { expression: license } : { license: { id: license } };
}

/** A UUID of the content, so that the same packages have the same number. */
function serialNumberOf(content: string): string {
  const hex = createHash("sha256").update(content).digest("hex");
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)];
  return `urn:uuid:${uuid.join("-")}`;
}
