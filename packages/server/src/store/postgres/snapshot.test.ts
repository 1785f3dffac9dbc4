import fc from "fast-check";
import { expect, test } from "vitest";
import { advance, type Snapshot, sees, snapshotIn } from "./snapshot.ts";
import { positionIn, textOf } from "./stream-position.ts";

const count = 24;

/** Two moments of one history: the second one sees everything that the first one sees. */
const moments = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 20 })), {
    minLength: count,
    maxLength: count,
  })
  .chain((spans) => fc.tuple(fc.constant(spans), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 })))
  .map(([spans, a, b]) => {
    const starts = spans.map(([start]) => start).sort((x, y) => x - y);
    const history = starts.map((start, at) => ({ start, end: start + (spans[at]?.[1] ?? 1) }));
    return [snapshotAt(history, Math.min(a, b)), snapshotAt(history, Math.max(a, b))] as const;
  });

function snapshotAt(history: readonly { start: number; end: number }[], time: number): Snapshot {
  const begun = history.filter(({ start }) => start <= time).length;
  const running = history.flatMap(({ end }, id) => (id < begun && end > time ? [BigInt(id)] : []));
  return { next: BigInt(begun), running };
}

const ids = Array.from({ length: count + 2 }, (_, id) => BigInt(id));

test("advancing to a transaction adds exactly the later entries up to it", () => {
  fc.assert(
    fc.property(moments, fc.bigInt({ min: 0n, max: BigInt(count) }), ([before, later], upTo) => {
      fc.pre(upTo < later.next);
      const reached = advance(before, later, upTo);
      for (const id of ids) {
        expect(sees(reached, id), `${id}`).toBe(sees(before, id) || (id <= upTo && sees(later, id)));
      }
      expect(reached.running.every((id) => id < reached.next)).toBe(true);
    }),
  );
});

test("advancing to the end of a later snapshot equals that snapshot", () => {
  fc.assert(
    fc.property(moments, ([before, later]) => {
      const reached = advance(before, later, later.next - 1n);
      for (const id of ids) expect(sees(reached, id)).toBe(sees(later, id));
    }),
  );
});

test("a snapshot is read as Postgres writes it", () => {
  expect(snapshotIn("10:20:10,14,15")).toEqual({ next: 20n, running: [10n, 14n, 15n] });
  expect(snapshotIn("795:795:")).toEqual({ next: 795n, running: [] });
});

const id = fc.bigInt({ min: 0n, max: 2n ** 40n });

test("a position is read as it was written, and other texts are rejected", () => {
  fc.assert(
    fc.property(
      fc.nat(2 ** 31),
      id,
      fc.uniqueArray(fc.bigInt({ min: 1n, max: 1_000n }), { maxLength: 20 }),
      fc.array(fc.record({ transaction: id, parts: fc.nat(1_000) }), { maxLength: 3 }),
      fc.option(fc.record({ transaction: id, committedAt: fc.nat(2 ** 31) })),
      (at, next, below, begun, witness) => {
        const running = below.map((distance) => next - distance).filter((running) => running >= 0n);
        const position = { at, seen: { next, running }, begun, witness };
        expect(positionIn(textOf(position))).toEqual(position);
      },
    ),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(positionIn(`p1-${text}`) === null || /^[0-9a-z._-]+$/.test(text)).toBe(true);
    }),
  );
});
