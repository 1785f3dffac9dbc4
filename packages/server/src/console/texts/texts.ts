import { portalToken } from "../api/credentials.ts";
import { consoleTexts, type Texts } from "./console-texts.ts";
import { portalTexts } from "./portal-texts.ts";

/** Every text of these pages. A portal link opens pages for a customer, who has endpoints and operates nothing. */
export const texts: Texts = portalToken() === null ? consoleTexts : portalTexts;
