import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "./limits.ts";
import { parseTraceContext, traceContextIn, traceContextText, traceHeaders } from "./trace-context.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";
const parent = `00-${traceId}-${spanId}-01`;

test("the context of a request is kept, with the entries of other tracing systems", () => {
  expect(traceContextIn({ traceparent: parent })).toBe(parent);
  const text = traceContextIn({ traceparent: parent, tracestate: "rojo=00f067aa0ba902b7, congo=t61rcWkgMzE ,," });
  expect(text).toBe(`${parent} rojo=00f067aa0ba902b7,congo=t61rcWkgMzE`);
  expect(parseTraceContext(text ?? "")).toEqual({
    traceId,
    spanId,
    isSampled: true,
    state: "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
  });
});

test("a context that is not sampled stays so", () => {
  const text = traceContextIn({ traceparent: `00-${traceId}-${spanId}-00` });
  expect(parseTraceContext(text ?? "").isSampled).toBe(false);
});

test("the known part of a later version is read", () => {
  expect(traceContextIn({ traceparent: `01-${traceId}-${spanId}-03-what-comes-next` })).toBe(parent);
  expect(traceContextIn({ traceparent: `01-${traceId}-${spanId}-01` })).toBe(parent);
});

test.each([
  ["an empty one", ""],
  ["upper case", parent.toUpperCase()],
  ["an invalid version", `ff-${traceId}-${spanId}-01`],
  ["a longer text of version 00", `${parent}-more`],
  ["a trace id of zeros", `00-${"0".repeat(32)}-${spanId}-01`],
  ["a span id of zeros", `00-${traceId}-${"0".repeat(16)}-01`],
  ["a short trace id", `00-${traceId.slice(1)}-${spanId}-01`],
  ["two contexts", `${parent}, ${parent}`],
  ["a very long text", `01-${traceId}-${spanId}-01-${"a".repeat(100_000)}`],
  ["other characters", `00-${traceId.slice(1)}\u{e9}-${spanId}-01`],
  ["a line break", `${parent}\n`],
])("%s is ignored", (_, traceparent) => {
  expect(traceContextIn({ traceparent })).toBeNull();
});

test("inherited properties are not read", () => {
  expect(traceContextIn(Object.create({ traceparent: parent }))).toBeNull();
  expect(traceContextIn({})).toBeNull();
});

describe("a tracestate is ignored, and the traceparent kept, if it", () => {
  test.each([
    ["has an entry without a value", "rojo"],
    ["has upper-case keys", "Rojo=1"],
    ["repeats a key", "a=1,a=2"],
    ["has control characters", "a=\u{1}"],
    ["has characters beyond ASCII", "a=\u{e9}"],
    ["has an equals sign in a value", "a=b=c"],
    ["is too long", `a=${"x".repeat(limits.traceStateLengthMax)}`],
    ["has too many entries", Array.from({ length: limits.traceStateEntriesMax + 1 }, (_, n) => `k${n}=1`).join(",")],
  ])("%s", (_, tracestate) => {
    expect(traceContextIn({ traceparent: parent, tracestate })).toBe(parent);
  });
});

test("the keys of tenants of a tracing system are accepted", () => {
  expect(traceContextIn({ traceparent: parent, tracestate: "fw529a3039@dt=FfffC" })).toBe(
    `${parent} fw529a3039@dt=FfffC`,
  );
});

test("any text either is ignored or becomes a context that reads back as itself", () => {
  const texts = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/),
  );
  const property = fc.property(texts, fc.string({ unit: "binary", maxLength: 600 }), (traceparent, tracestate) => {
    const text = traceContextIn({ traceparent, tracestate });
    if (text === null) return;
    expect(text.length).toBeLessThanOrEqual(56 + limits.traceStateLengthMax);
    expect(text).toMatch(/^[\x20-\x7e]+$/);
    expect(traceContextText(parseTraceContext(text))).toBe(text);
    const [, parentText, , stateText] = traceHeaders(text);
    expect(traceContextIn({ traceparent: parentText, tracestate: stateText })).toBe(text);
  });
  fc.assert(property);
});
