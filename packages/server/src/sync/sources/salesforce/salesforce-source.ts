import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source } from "../../source.ts";
import { isSalesforce, salesforceProvider, salesforceUrl } from "./salesforce-addresses.ts";
import { config, credentials, type SalesforceSourceParts } from "./salesforce-settings.ts";

/** Reads the records of standard and custom objects through Salesforce's REST API. */
export function salesforceSource(parts: SalesforceSourceParts): Source {
  return defineSource({
    shortName: "salesforce",
    name: "Salesforce",
    className: "SalesforceSource",
    description: "Accounts, contacts, leads, opportunities, cases and other objects of Salesforce.",
    authMethods: ["direct", "oauth_browser", "oauth_token"],
    labels: ["CRM"],
    isTest: false,
    detects: { changes: "by SystemModstamp", deletions: "recycled records in every job, others in every full read" },
    entityTypes: ["account", "contact", "lead", "opportunity", "case"],
    // While the source waits for a rate limit, it returns nothing.
    silentMsMax: limits.apiWaitMsMax + limits.sourceSilentMsMax,
    config,
    credentials,
    check: async ({ url }) => {
      salesforceUrl(url, parts);
    },
    credentialsGoTo: ({ url }) => salesforceUrl(url, parts),
    oauth: {
      provider: ({ url }) => salesforceProvider(salesforceUrl(url, parts)),
      requiresOwnClient: ({ url }) => !isSalesforce(url),
    },
    entities: async function* (context) {
      const { readSalesforce } = await import("./read-org.ts");
      yield* readSalesforce(context, parts);
    },
  });
}
