/** Runs tasks with the same key one after the other, in the order of the calls, whether or not earlier ones fail. */
export class InTurns<Key> {
  readonly #last = new Map<Key, Promise<unknown>>();

  async run<Result>(key: Key, task: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(task, task);
    this.#last.set(key, result);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === result) this.#last.delete(key);
    }
  }
}
