import { expect, test } from "vitest";
import { outcomeOf } from "./attempt-outcome.ts";

function answered(status: number) {
  return outcomeOf({ kind: "answered", status, headers: {}, body: "", truncated: null, durationMs: 1 }, 0);
}

test("every status from 200 to 299 is a success, and no other status is", () => {
  for (let status = 100; status < 1_000; status++) {
    expect(answered(status).kind, String(status)).toBe(status >= 200 && status < 300 ? "accepted" : "rejected");
  }
});

test("only refusals from 300 to 399 are marked as redirects", () => {
  for (let status = 100; status < 1_000; status++) {
    const note = status >= 300 && status < 400 ? expect.stringMatching(/^redirect: /) : null;
    expect(answered(status), String(status)).toMatchObject({ note });
  }
});

test("an exchange without a response is never a success", () => {
  const unanswered = { kind: "unanswered", reason: "timeout", detail: "No response arrived.", durationMs: 1 } as const;
  expect(outcomeOf(unanswered, 0)).toEqual({ kind: "unreachable", reason: "timeout", detail: "No response arrived." });
});
