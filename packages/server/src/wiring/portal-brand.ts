import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { type Config, ConfigError } from "../config/config.ts";
import { limits } from "../domain/limits.ts";
import { logoMediaType, type PortalBrand, type PortalLogo } from "../domain/portal-brand.ts";

/** The brand that the settings give the portal; null if they set none. Throws a ConfigError when the logo cannot be used. */
export function portalBrand({ portalName, portalColor, portalLogo }: Config): PortalBrand | null {
  if (portalName === null) return null;
  return { name: portalName, color: portalColor, logo: portalLogo === null ? null : readLogo(portalLogo) };
}

function readLogo(path: string): PortalLogo {
  const bytes = readUpTo(path, limits.portalLogoBytesMax + 1);
  if (bytes.length > limits.portalLogoBytesMax) {
    throw new ConfigError([`WEFT_PORTAL_LOGO: ${path} is larger than ${limits.portalLogoBytesMax / 1_024} KiB.`]);
  }
  const mediaType = logoMediaType(bytes);
  if (mediaType === null) {
    throw new ConfigError([`WEFT_PORTAL_LOGO: ${path} is not a PNG, JPEG or WebP image.`]);
  }
  return { bytes, mediaType, version: createHash("sha256").update(bytes).digest("hex").slice(0, 16) };
}

function readUpTo(path: string, bytesMax: number): Uint8Array {
  const buffer = Buffer.alloc(bytesMax);
  try {
    const file = openSync(path, "r");
    try {
      let length = 0;
      for (let read = -1; read !== 0 && length < bytesMax; length += read) {
        read = readSync(file, buffer, length, bytesMax - length, null);
      }
      return buffer.subarray(0, length);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new ConfigError([`WEFT_PORTAL_LOGO: ${path} could not be read: ${(error as Error).message}`]);
  }
}
