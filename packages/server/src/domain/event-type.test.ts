import { expect, test } from "vitest";
import { exampleOf, groupOf, newestSchema, ownEventTypes } from "./event-type.ts";

test("the newest schema is that of the highest version, compared by number if versions are numbers", () => {
  const one = '{"title":"one"}';
  const ten = '{"title":"ten"}';
  expect(newestSchema({ schemas: { "10": ten, "1": one, "9": one } })).toBe(ten);
  expect(newestSchema({ schemas: { "v1.9": one, "v1.10": ten } })).toBe(ten);
  expect(newestSchema({ schemas: { b: ten, a: one } })).toBe(ten);
  expect(newestSchema({ schemas: {} })).toBeNull();
  expect(newestSchema({ schemas: null })).toBeNull();
});

test("an example is the first one in the newest schema that is a payload", () => {
  const example = { n: 1 };
  expect(exampleOf({ schemas: { "1": JSON.stringify({ examples: [example, { n: 2 }] }) } })).toEqual(example);
  for (const examples of [[], ["text"], [null], [[1]], { n: 1 }, undefined]) {
    expect(exampleOf({ schemas: { "1": JSON.stringify({ examples }) } }), JSON.stringify(examples)).toBeNull();
  }
  expect(exampleOf({ schemas: null })).toBeNull();
});

test("a type is listed under its given group, or else under the first part of its name", () => {
  expect(groupOf({ name: "invoice.paid", groupName: "billing" })).toBe("billing");
  expect(groupOf({ name: "invoice.paid", groupName: null })).toBe("invoice");
  expect(groupOf({ name: "invoice", groupName: null })).toBe("invoice");
});

test("each built-in type has one schema with one example, belongs to a group and is offered", () => {
  expect(ownEventTypes).toHaveLength(25);
  for (const type of ownEventTypes) {
    expect(Object.keys(type.schemas ?? {})).toEqual(["1"]);
    expect(exampleOf(type)).toMatchObject({ event_type: type.name });
    expect(type).toMatchObject({ groupName: type.name.split(".")[0], archived: false, deprecated: false });
    expect(type.featureFlag).toBeNull();
  }
});
