import type { Session } from "@weft/sdk";
import { useContext } from "react";
import { texts } from "../texts/texts.ts";
import { SessionContext } from "./session.tsx";

/** The brand of the platform; null for users of the console, and where the operator set none. */
export function portalBrandOf(session: Session | null | undefined): Session["portal_brand"] {
  return session?.via === "portal" ? session.portal_brand : null;
}

/** The name of the product that a user sees. Customers see the name of their platform. */
export function useProduct(): string {
  const session = useContext(SessionContext);
  return portalBrandOf(session)?.name ?? texts.product;
}
