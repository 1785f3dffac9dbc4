import { expect, test } from "vitest";
import { OutcomeUnknownError, StoreUnavailableError } from "../domain/errors.ts";
import { owedResponse } from "./error-response.ts";

test("a database that is unavailable is a 503, which says whether the request may have been stored", () => {
  const refused = owedResponse(new StoreUnavailableError("The connection was refused."));
  expect([refused.status, refused.message]).toEqual([503, expect.stringContaining("Nothing was accepted")]);
  const unknown = owedResponse(new OutcomeUnknownError("The connection broke during the commit."));
  expect([unknown.status, unknown.message]).toEqual([503, expect.stringContaining("may have been stored")]);
});
