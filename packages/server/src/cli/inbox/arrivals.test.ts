import { expect, test } from "vitest";
import { Arrivals, type NewArrival } from "./arrivals.ts";

const answer = { status: 200, delay_seconds: 0, body: "" };

function arrived(body = "", headers: NewArrival["headers"] = []): NewArrival {
  const bytes = Buffer.from(body);
  const at = new Date(0);
  return {
    ...{ at, method: "POST", path: "/", headers, body: bytes, bodyBytes: bytes.length },
    ...{ isTooLarge: false, explanation: null, answer },
  };
}

const numbersOf = ({ kept }: Arrivals) => kept.map(({ number }) => number);

test("the number and the bytes of kept requests are bounded, and the newest is always kept", () => {
  const arrivals = new Arrivals({ countMax: 3, bytesMax: 100 }, answer);
  for (let count = 0; count < 5; count += 1) arrivals.add(arrived());
  expect(numbersOf(arrivals)).toEqual([3, 4, 5]);
  arrivals.add(arrived("x".repeat(60)));
  arrivals.add(arrived("", [["name", "x".repeat(60)]]));
  expect(numbersOf(arrivals)).toEqual([7]);
  arrivals.add(arrived("x".repeat(1_000)));
  expect(numbersOf(arrivals)).toEqual([8]);
});

test("copies of a message are counted by its id, under either header name, until everything is cleared", () => {
  const arrivals = new Arrivals({ countMax: 2, bytesMax: 1_000 }, answer);
  const copies = ["webhook-id", "Svix-Id", "webhook-id"].map((name) => arrivals.add(arrived("", [[name, "m"]])).copy);
  expect(copies).toEqual([1, 2, 3]);
  expect(arrivals.add(arrived("", [["webhook-id", "other"]])).copy).toBe(1);
  expect([arrivals.add(arrived()).copy, arrivals.add(arrived()).messageId]).toEqual([1, null]);
  arrivals.clear();
  expect(arrivals.add(arrived("", [["webhook-id", "m"]]))).toMatchObject({ copy: 1, number: 7 });
});

test("followers are notified of every change until they leave", () => {
  const arrivals = new Arrivals({ countMax: 2, bytesMax: 1_000 }, answer);
  const kinds: string[] = [];
  const leave = arrivals.follow(({ kind }) => void kinds.push(kind));
  arrivals.add(arrived());
  arrivals.answer = { ...answer, status: 500 };
  arrivals.clear();
  leave();
  arrivals.add(arrived());
  expect(kinds).toEqual(["arrived", "answer", "cleared"]);
});

test.each([
  ['{"event_type":"a"}', "a"],
  ['{"event_type":1}', null],
  ["null", null],
  ["{", null],
])("the type of an event is read from its body: %s", (body, type) => {
  const arrivals = new Arrivals({ countMax: 2, bytesMax: 1_000 }, answer);
  expect(arrivals.add(arrived(body)).eventType).toBe(type);
});
