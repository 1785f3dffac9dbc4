import { afterEach, beforeEach, expect, test } from "vitest";
import { testApiPromises } from "./sources/http/fixtures/api-promises.ts";
import { SyncedSource } from "./sources/http/fixtures/synced-source.ts";
import { field, recordId, TestSalesforce } from "./sources/salesforce/fixtures/test-salesforce.ts";
import { isSalesforce } from "./sources/salesforce/salesforce-addresses.ts";
import { salesforceSource } from "./sources/salesforce/salesforce-source.ts";

const hour = 3_600_000;
const credentials = { client_id: "weft-client", client_secret: "the-secret-of-weft" };
let salesforce: TestSalesforce;
let synced: SyncedSource;

async function openSalesforce(): Promise<TestSalesforce> {
  const salesforce = await TestSalesforce.open();
  salesforce.addObject("Account", [
    field("Name", "string", { nameField: true }),
    field("Industry", "picklist"),
    field("Description", "textarea"),
    field("BillingAddress", "address"),
    field("IsPartner", "boolean"),
    field("Secret__c", "encryptedstring", { encrypted: true }),
    field("LastViewedDate", "datetime"),
    field("OwnerId", "reference", { referenceTo: ["User"], relationshipName: "Owner" }),
  ]);
  salesforce.addObject("Case", [
    field("CaseNumber", "string", { nameField: true }),
    field("Subject", "string"),
    field("Notes__c", "textarea", { htmlFormatted: true }),
    field("AccountId", "reference", { referenceTo: ["Account"], relationshipName: "Account" }),
  ]);
  return salesforce;
}

beforeEach(async () => {
  salesforce = await openSalesforce();
  synced = await SyncedSource.open(salesforceSource);
});

afterEach(async () => {
  await synced[Symbol.asyncDispose]();
  await salesforce[Symbol.asyncDispose]();
});

function connect(config: Record<string, unknown> = {}) {
  const settings = { url: salesforce.apiUrl, objects: ["Account", "Case"], ...config };
  return synced.weft.connect("salesforce", { config: settings, credentials });
}

const now = () => synced.clock.now();

test("records are read with the fields that the token has access to, with containers and web addresses", async () => {
  salesforce.pageSize = 1;
  const account = salesforce.put("Account", 1, now() - hour, {
    ...{ Name: "Heron Ltd", Industry: "Fishing", Description: "Wades\nin ponds", IsPartner: true },
    ...{
      Owner: { attributes: { type: "User" }, Name: "Ada" },
      BillingAddress: { city: "Delft" },
      LastViewedDate: "2026-01-01",
    },
  });
  salesforce.put("Account", 2, now() - 2 * hour, { Name: "Otter Ltd", IsPartner: false, Industry: null });
  const ticket = salesforce.put("Case", 1, now() - hour, {
    ...{ CaseNumber: "00001", Subject: "Nets are torn", Notes__c: "<p>Mend <b>them</b></p>" },
    ...{ AccountId: account, Account: { attributes: { type: "Account" }, Name: "Heron Ltd" } },
  });
  salesforce.put("Case", 2, now() - hour, { CaseNumber: "00002", IsDeleted: true });
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", inserted: 3, failed: 0, error: null });
  expect(await synced.found(connection, "ponds")).toMatchObject([
    {
      ...{
        entityId: account,
        type: "account",
        name: "Heron Ltd",
        url: `${salesforce.origin}/${account}`,
        breadcrumbs: [],
      },
      text: "# Heron Ltd\n\nOwner: Ada\nIndustry: Fishing\n\nDescription:\nWades\nin ponds\n\nIs Partner: yes",
    },
  ]);
  expect(await synced.found(connection, "torn")).toMatchObject([
    {
      ...{ entityId: ticket, type: "case", name: "00001 Nets are torn" },
      breadcrumbs: [{ id: account, type: "account", name: "Heron Ltd" }],
      text: "# 00001 Nets are torn\n\nSubject: Nets are torn\nNotes__c: Mend them",
    },
  ]);
  expect(salesforce.queries[0]).not.toMatch(/Secret__c|LastViewedDate|BillingAddress/);
});

test("a later job reads only the changes, and removes deleted records", async () => {
  for (let number = 1; number <= 5; number++)
    salesforce.put("Account", number, now() - number * hour, { Name: `A ${number}` });
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ inserted: 5 });
  synced.clock.forward(hour);
  expect(await synced.sync(connection)).toMatchObject({ inserted: 0, updated: 0, deleted: 0, skipped: 0 });
  salesforce.put("Account", 1, now(), { Name: "Renamed" });
  salesforce.put("Account", 2, now(), { Name: "A 2", IsDeleted: true });
  salesforce.put("Account", 6, now(), { Name: "A 6" });
  salesforce.put("Case", 1, now(), { CaseNumber: "1" });
  expect(await synced.sync(connection)).toMatchObject({ inserted: 2, updated: 1, deleted: 1, skipped: 0 });
});

test("permanently deleted records are found when everything is read again", async () => {
  for (let number = 1; number <= 3; number++) salesforce.put("Account", number, now() - hour, { Name: `A ${number}` });
  const connection = await connect({ full_every_hours: 2 });
  await synced.sync(connection);
  salesforce.objects.get("Account")?.records.delete(recordId("Account", 2));
  synced.clock.forward(hour);
  expect(await synced.sync(connection)).toMatchObject({ deleted: 0 });
  synced.clock.forward(hour);
  expect(await synced.sync(connection)).toMatchObject({ deleted: 1, skipped: 2 });
});

test("a job that ends among the changes continues from the last page that was stored", async () => {
  const connection = await connect({ objects: ["Account"] });
  await synced.sync(connection);
  synced.clock.forward(24 * hour);
  salesforce.pageSize = 2;
  for (let number = 1; number <= 6; number++) {
    salesforce.put("Account", number, now() - (10 - number) * hour, { Name: `A ${number}` });
  }
  salesforce.interruption = ({ url, response }) =>
    url.pathname.endsWith("-4") && salesforce.refuse(response, 400, "INVALID_QUERY_LOCATOR");
  const error = "Salesforce returned the error INVALID_QUERY_LOCATOR.";
  expect(await synced.sync(connection)).toMatchObject({ state: "failed", inserted: 4, error });
  salesforce.interruption = () => false;
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", inserted: 2, skipped: 1 });
});

test("a job ends before the org has used all its requests, so that other programs have the rest", async () => {
  salesforce.used = 899;
  const connection = await connect({ objects: ["Account"] });
  expect(await synced.sync(connection)).toMatchObject({ state: "completed" });
  salesforce.used = 900;
  expect((await synced.sync(connection)).error).toBe(
    "The Salesforce org used 90 % of its API requests of 24 hours, which `api_usage_percent_max` allows. Sync again later.",
  );
});

test("a client gets a new token when its session ends in the middle of a job", async () => {
  salesforce.pageSize = 1;
  for (let number = 1; number <= 3; number++) salesforce.put("Account", number, now() - hour, { Name: `A ${number}` });
  let isEnded = false;
  salesforce.interruption = ({ url, response }) => {
    if (isEnded || !url.pathname.endsWith("-1")) return false;
    isEnded = true;
    salesforce.login.expire();
    salesforce.refuseToken(response);
    return true;
  };
  expect(await synced.sync(await connect({ objects: ["Account"] }))).toMatchObject({ state: "completed", inserted: 3 });
  expect(salesforce.login.granted).toEqual(["client_credentials", "client_credentials"]);
});

test("an unknown object, a disabled API and other errors fail the job with a sentence", async () => {
  const connection = await connect();
  const errorOf = async (status: number, code: string) => {
    salesforce.interruption = ({ response }) => salesforce.refuse(response, status, code);
    return (await synced.sync(connection)).error;
  };
  expect(await errorOf(404, "NOT_FOUND")).toBe(
    "The object Account does not exist in Salesforce, or the token does not have access to it.",
  );
  expect(await errorOf(400, "MALFORMED_QUERY")).toBe("Salesforce returned the error MALFORMED_QUERY.");
  expect(await errorOf(403, "API_DISABLED_FOR_ORG")).toBe(
    "The token does not have access to Salesforce's API (API_DISABLED_FOR_ORG).",
  );
});

test("a page of results at another origin is not requested", async () => {
  const other = await openSalesforce();
  salesforce.interruption = ({ url, response }) =>
    url.searchParams.has("q") &&
    salesforce.json(response, {
      totalSize: 9,
      done: false,
      records: [],
      nextRecordsUrl: `${other.origin}/services/data/x`,
    });
  expect(await synced.sync(await connect())).toMatchObject({
    state: "failed",
    error: "A response of Salesforce leads to another address than `url`, which is not followed.",
  });
  expect(other.log).toEqual([]);
  await other[Symbol.asyncDispose]();
});

test("only addresses of Salesforce itself receive the operator's client", () => {
  for (const url of ["https://a.my.salesforce.com", "https://a--dev.sandbox.my.salesforce.com"]) {
    expect(isSalesforce(url), url).toBe(true);
  }
  for (const url of [
    "http://a.my.salesforce.com",
    "https://my.salesforce.com.test",
    "https://a.my.salesforce.com:1",
    "x",
  ]) {
    expect(isSalesforce(url), url).toBe(false);
  }
});

test("settings that are not API names, and addresses with a path, cannot be connected", async () => {
  await expect(connect({ objects: ["Account WHERE 1=1"] })).rejects.toThrow();
  await expect(connect({ url: `${salesforce.apiUrl}/x` })).rejects.toThrow(/must not have a path/);
});

testApiPromises<TestSalesforce>({
  ...{ shortName: "salesforce", name: "Salesforce", urlSetting: "url", source: salesforceSource },
  open: async () => {
    const salesforce = await openSalesforce();
    salesforce.pageSize = 1;
    for (let number = 1; number <= 3; number++) salesforce.put("Account", number, Date.now() - hour, { Name: "A" });
    return salesforce;
  },
  config: ({ apiUrl }) => ({ url: apiUrl, objects: ["Account"] }),
  credentials,
  wrongCredentials: { ...credentials, client_secret: "wrong" },
  isLaterPage: ({ url }) => url.pathname.includes("/query/"),
  limit: (salesforce, { response }) => salesforce.refuse(response, 403, "REQUEST_LIMIT_EXCEEDED"),
  limitWaitMs: 60_000,
  emptyPage: (salesforce, { url, response }, cursor) => {
    const next = cursor === null ? {} : { nextRecordsUrl: `/services/data/v64.0/query/${cursor}` };
    return (
      url.pathname.includes("/query") && salesforce.json(response, { totalSize: 9, done: false, records: [], ...next })
    );
  },
  scope: "api refresh_token",
});
