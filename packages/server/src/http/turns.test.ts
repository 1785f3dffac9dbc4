import { expect, test } from "vitest";
import { limits } from "../domain/limits.ts";
import { Turns } from "./turns.ts";

const large = limits.workPerTurnBytes;

/** The work that starts in each turn of the event loop, until none is left. */
async function turnsOf(count: number, begin: (begun: (name: string) => () => void) => void): Promise<string[][]> {
  const turns: string[][] = [];
  let turn: string[] = [];
  let left = count;
  begin((name) => () => {
    turn.push(name);
    left -= 1;
  });
  while (left > 0) {
    await new Promise((resolve) => setImmediate(resolve));
    if (turn.length > 0) turns.push(turn);
    turn = [];
  }
  return turns;
}

test("little work begins immediately", () => {
  expect(new Turns().wait("a", limits.workAtOnceBytesMax - 1)).toBeNull();
});

test("much work that is requested together begins in turns of the event loop, with other work in between", async () => {
  const all = new Turns();
  const turns = await turnsOf(3, (begun) => {
    for (const name of ["1", "2", "3"]) void all.wait("a", large)?.then(begun(name));
  });
  expect(turns).toEqual([["1"], ["2"], ["3"]]);
});

test("a turn takes as many pieces of work as fit its bytes", async () => {
  const all = new Turns();
  const turns = await turnsOf(5, (begun) => {
    for (const name of ["1", "2", "3", "4", "5"]) void all.wait("a", large / 2)?.then(begun(name));
  });
  expect(turns).toEqual([["1", "2"], ["3", "4"], ["5"]]);
});

test("owners take turns, however much work one of them has", async () => {
  const all = new Turns();
  const turns = await turnsOf(6, (begun) => {
    for (const name of ["a1", "a2", "a3", "a4"]) void all.wait("a", large)?.then(begun(name));
    for (const name of ["b1", "b2"]) void all.wait("b", large)?.then(begun(name));
  });
  expect(turns.flat()).toEqual(["a1", "b1", "a2", "b2", "a3", "a4"]);
});
