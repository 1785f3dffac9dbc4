import { expect, test } from "vitest";
import { ApiError } from "../domain/errors.ts";
import type { OrganizationId } from "../domain/id.ts";
import { Admissions } from "./admissions.ts";

const [one, two, three] = ["one", "two", "three"] as OrganizationId[] as [
  OrganizationId,
  OrganizationId,
  OrganizationId,
];

function admissions(): Admissions {
  return new Admissions({
    ...{ perOrganizationMax: 2, perNodeMax: 3 },
    refusal: (whose, max) => new ApiError("too_many_calls", `${whose} ${max}`),
  });
}

test("an organization at its limit is refused, and the others are admitted until the node is full", () => {
  const open = admissions();
  const leave = open.admit(one);
  open.admit(one);
  expect(() => open.admit(one)).toThrow("The organization 2");
  open.admit(two);
  expect(() => open.admit(three)).toThrow("This node 3");
  leave();
  open.admit(three);
  expect(open.count).toBe(3);
});

test("a place is given back once, however often its holder leaves", () => {
  const open = admissions();
  const leave = open.admit(one);
  leave();
  open.admit(two);
  leave();
  expect(open.count).toBe(1);
});
