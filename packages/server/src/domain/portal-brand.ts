/** The look of the portal, which customers of the platform see. */
export interface PortalBrand {
  readonly name: string;
  /** `#rrggbb` in lower case; null for the colours of the console. */
  readonly color: string | null;
  readonly logo: PortalLogo | null;
}

export interface PortalLogo {
  readonly bytes: Uint8Array;
  readonly mediaType: LogoMediaType;
  /** Differs for each content, so that browsers can keep a logo under its address. */
  readonly version: string;
}

export type LogoMediaType = "image/png" | "image/jpeg" | "image/webp";

/** The type of a raster image by its first bytes; null for everything else, SVG included, because it can contain scripts. */
export function logoMediaType(bytes: Uint8Array): LogoMediaType | null {
  if (hasBytes(bytes, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  if (hasBytes(bytes, 0, [0xff, 0xd8, 0xff])) return "image/jpeg";
  // RIFF, the size of the file, WEBP.
  if (hasBytes(bytes, 0, [0x52, 0x49, 0x46, 0x46]) && hasBytes(bytes, 8, [0x57, 0x45, 0x42, 0x50])) return "image/webp";
  return null;
}

function hasBytes(bytes: Uint8Array, offset: number, expected: readonly number[]): boolean {
  return expected.every((byte, index) => bytes[offset + index] === byte);
}
