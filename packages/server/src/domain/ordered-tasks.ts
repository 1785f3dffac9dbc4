/** Runs the tasks of one key one after the other, in the order of the calls, whether or not earlier ones fail. */
export class OrderedTasks<Key> {
  readonly #last = new Map<Key, Promise<unknown>>();

  async run<Result>(key: Key, task: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key);
    const own = before === undefined ? task() : before.then(task, task);
    this.#last.set(key, own);
    try {
      return await own;
    } finally {
      if (this.#last.get(key) === own) this.#last.delete(key);
    }
  }
}
