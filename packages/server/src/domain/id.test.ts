import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstIdAt, idSource, parseId, parseUuid, prefixed, timeOfId } from "./id.ts";

const uuidv7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("ids are UUIDv7 and contain their millisecond", () => {
  const newId = idSource(() => 1_700_000_000_123, randomBytes);
  const id = newId<"message">();
  expect(id).toMatch(uuidv7);
  expect(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toBe(1_700_000_000_123);
});

test("ids never go backwards: within a millisecond, after its 4,096 ids, and when the clock is set back", () => {
  let now = 1_000;
  const newId = idSource(() => now, randomBytes);
  const ids = [];
  for (let i = 0; i < 10_000; i++) ids.push(newId<"message">());
  now = 500;
  for (let i = 0; i < 10; i++) ids.push(newId<"message">());
  now = 5_000;
  ids.push(newId<"message">());
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
});

test("a millisecond has 4,096 ids, and further ids use the next one", () => {
  const newId = idSource(() => 1_000, randomBytes);
  const ids = Array.from({ length: 4_097 }, () => newId<"message">());
  const next = firstIdAt<"message">(1_001);
  expect(ids.findIndex((id) => id > next)).toBe(4_096);
});

test("the counting bits and the random bits are in the positions of RFC 9562", () => {
  const allBits = (byte: number) =>
    idSource(
      () => 1_000,
      (size) => new Uint8Array(size).fill(byte),
    )();
  expect(allBits(0x00)).toBe("00000000-03e8-7000-8000-000000000000");
  expect(allBits(0xff)).toBe("00000000-03e8-7000-bfff-ffffffffffff");
});

test("random bytes are drawn for 512 ids at a time, and each is used once", () => {
  let draws = 0;
  const numbered = (size: number) => {
    const bytes = new DataView(new ArrayBuffer(size));
    for (let at = 0; at < size; at += 8) bytes.setUint32(at + 4, draws * 512 + at / 8);
    if (size > 0) draws += 1;
    return new Uint8Array(bytes.buffer);
  };
  const newId = idSource(() => 1_000, numbered);
  const tails = Array.from({ length: 1_024 }, () => Number.parseInt(newId().slice(-8), 16));
  expect(tails).toEqual(tails.map((_, at) => at));
  expect(draws).toBe(2);
});

test("an id contains the millisecond at which it was created", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (ms) => {
      expect(timeOfId(idSource(() => ms, randomBytes)())).toBe(ms);
    }),
  );
});

test("the first id of a millisecond is a lower bound of every id created in it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (ms) => {
      const id = idSource(() => ms, randomBytes)();
      expect(firstIdAt(ms) <= id).toBe(true);
      expect(firstIdAt(ms + 1) > id).toBe(true);
    }),
  );
  expect(firstIdAt(-5)).toBe(firstIdAt(0));
  expect(parseUuid(firstIdAt(Number.MAX_SAFE_INTEGER))).not.toBeNull();
});

test("either spelling of an id is read, and both sort in the same order", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (a, b) => {
      expect(parseId("msg", prefixed("msg", a))).toBe(a);
      expect(parseId("msg", a.toUpperCase())).toBe(a);
      expect(Math.sign(Number(a > b) - Number(a < b))).toBe(
        Math.sign(Number(prefixed("ep", a) > prefixed("ep", b)) - Number(prefixed("ep", a) < prefixed("ep", b))),
      );
    }),
  );
  expect(prefixed("msg", "00000000-0000-0000-0000-000000000000")).toBe(`msg_${"0".repeat(22)}`);
  expect(prefixed("msg", "ffffffff-ffff-ffff-ffff-ffffffffffff")).toBe("msg_7n42DGM5Tflk9n8mt7Fhc7");
});

test("another prefix, another length, digits beyond 128 bits and other texts are not ids", () => {
  const good = prefixed("msg", "01a1fcbe-e000-7000-a81f-804fd0020ba8");
  for (const text of [
    "",
    "x",
    good.slice(0, -1),
    `${good}0`,
    good.replace("msg", "ep"),
    `msg_${"z".repeat(22)}`,
    `msg_${"-".repeat(22)}`,
    "msg_",
  ]) {
    expect(parseId("msg", text), text).toBeNull();
  }
  fc.assert(fc.property(fc.string(), (text) => parseUuid(text) === null));
});

test("a text with one additional or replaced character is not an id", () => {
  const digit = fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).filter((text) => !/[0-9A-Za-z]/.test(text));
  fc.assert(
    fc.property(fc.uuid(), digit, fc.nat(21), (uuid, character, at) => {
      const digits = prefixed("msg", uuid).slice("msg_".length);
      expect(parseId("msg", `msg_${digits.slice(0, at)}${character}${digits.slice(at + 1)}`)).toBeNull();
      expect(parseId("msg", character + uuid)).toBeNull();
      expect(parseId("msg", uuid + character)).toBeNull();
    }),
  );
});
