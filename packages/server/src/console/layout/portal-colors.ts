import type { Session } from "@weft/sdk";
import { useLayoutEffect } from "react";
import { portalBrandOf } from "../api/product.ts";
import { readableColors } from "./readable-colors.ts";

/** Gives the page the colour of the platform, before its first picture. */
export function usePortalColors(session: Session | null | undefined): void {
  const { color = null } = portalBrandOf(session) ?? {};
  useLayoutEffect(() => {
    const { style, dataset } = document.documentElement;
    if (color === null) return;
    const { light, dark } = readableColors(color);
    style.setProperty("--brand-light", light);
    style.setProperty("--brand-dark", dark);
    dataset.brand = "";
    return () => {
      delete dataset.brand;
    };
  }, [color]);
}
