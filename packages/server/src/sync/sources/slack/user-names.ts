import { limits } from "../../../domain/limits.ts";
import { mentionedUsers } from "./message-text.ts";
import type { SlackMessage } from "./parse-response.ts";
import type { SlackApi } from "./slack-api.ts";

/** The names of users, each requested once in a job. A user whose name is unknown has their id. */
export class UserNames {
  readonly #api: SlackApi;
  readonly #names = new Map<string, string>();

  constructor(api: SlackApi) {
    this.#api = api;
  }

  nameOf(id: string): string {
    return this.#names.get(id) ?? id;
  }

  /** Requests the names of the authors, and of the users that they mention. */
  async learn(messages: readonly SlackMessage[]): Promise<void> {
    const ids = new Set(messages.flatMap(({ user, text }) => [user, ...mentionedUsers(text)]));
    for (const id of ids) {
      if (id === "" || this.#names.has(id) || this.#names.size >= limits.slackUsersMax) continue;
      const absent = ["user_not_found", "user_not_visible", "users_not_found", "missing_scope"];
      const user = await this.#api.call("users.info", { shape: "user", parameters: { user: id }, absent });
      this.#names.set(id, user?.name || id);
    }
  }
}
