import { expect, test } from "vitest";
import { auditSubjects } from "./audit-subject.ts";
import { prefixed } from "./id.ts";

const id = "018f0000-0000-7000-8000-000000000001";
const other = "018f0000-0000-7000-8000-000000000002";

test.each([
  [`/webhooks/subscriptions/${id}/secret/rotate`, [{ kind: "subscription", id }]],
  [`/webhooks/subscriptions/${prefixed("ep", id)}`, [{ kind: "subscription", id }]],
  [
    `/app/${prefixed("app", other)}/endpoint/${prefixed("ep", id)}`,
    [
      { kind: "organization", id: other },
      { kind: "subscription", id },
    ],
  ],
  [`/api-keys/${id}`, [{ kind: "api_key", id }]],
  [`/organizations/${id}`, [{ kind: "organization", id }]],
  [`/source-connections/${id}/jobs/${other}/cancel`, [{ kind: "source_connection", id }]],
  ["/app/my-own-uid/endpoint/another-uid", []],
  ["/webhooks/subscriptions", []],
  [`/__proto__/${id}/constructor/${id}`, []],
])("the things in the path %s are found", (path, subjects) => {
  expect(auditSubjects(path)).toEqual(subjects);
});
