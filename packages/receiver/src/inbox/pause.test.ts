import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pause } from "./pause.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a pause ends by itself after its time, and not earlier", async () => {
  const ended = vi.fn();
  void new Pause().rest(1000).then(ended);
  await vi.advanceTimersByTimeAsync(999);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toHaveBeenCalledOnce();
});

test("a pause that is woken ends immediately and leaves no timer", async () => {
  const pause = new Pause();
  const rest = pause.rest(1000);
  pause.wake();
  await rest;
  expect(vi.getTimerCount()).toBe(0);
});

test("a wake-up between two pauses ends the next one only", async () => {
  const pause = new Pause();
  pause.wake();
  pause.wake();
  await pause.rest(1000);
  const ended = vi.fn();
  void pause.rest(1000).then(ended);
  await vi.advanceTimersByTimeAsync(999);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toHaveBeenCalledOnce();
});
