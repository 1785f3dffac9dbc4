import { expect, test } from "vitest";
import { gate } from "../../fixtures/scripted-source.ts";
import { readAhead } from "./read-ahead.ts";

test("everything is read once and returned in order, whichever read finishes first", async () => {
  const slow = gate();
  const read = async (key: number) => {
    if (key === 0) await slow.opened;
    else if (key === 5) slow.open();
    return key * 2;
  };
  const seen = [];
  for await (const one of readAhead(
    Array.from({ length: 20 }, (_, key) => key),
    read,
  ))
    seen.push(one);
  expect(seen).toEqual(Array.from({ length: 20 }, (_, key) => key * 2));
});

test("an empty list yields nothing", async () => {
  for await (const _ of readAhead([], async () => 1)) expect.unreachable();
});

test("at most eight items are read ahead, however many there are", async () => {
  let begun = 0;
  const items = readAhead(Array.from({ length: 1_000 }).keys(), async () => {
    begun += 1;
  });
  for (const expected of [8, 9, 10]) {
    await items.next();
    expect(begun).toBe(expected);
  }
  await items.return(undefined);
  expect(begun).toBe(10);
});

test("an error is thrown in its turn, and no rejection is unhandled", async () => {
  const items = readAhead([1, 2, 3, 4], async (key) => {
    if (key > 1) throw new Error(`No ${key}.`);
    return key;
  });
  expect((await items.next()).value).toBe(1);
  await expect(items.next()).rejects.toThrow("No 2.");
});
