import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { listAttempts } from "../operations/attempts.ts";
import { listMessages } from "../operations/list-messages.ts";
import type { Dialect, Reading, Sql, SqlValue } from "../sql.ts";

export interface ListCase {
  readonly name: string;
  readonly list: (reading: Reading) => Promise<unknown>;
}

export interface ListTarget {
  readonly organizationId: OrganizationId;
  readonly subscriptionId: SubscriptionId;
  readonly messageId: MessageId;
  readonly eventType: string;
  readonly limit: number;
}

/** Lists of messages and attempts with every filter, for those who look at how a database finds what they show. */
export function listCases({ organizationId, subscriptionId, messageId, eventType, limit }: ListTarget): ListCase[] {
  const statuses = [null, "success", "failed", "pending"] as const;
  const page = { organizationId, limit, cursor: null };
  const messages = statuses.flatMap((status) =>
    [null, subscriptionId].flatMap((of) =>
      [null, [eventType, "sync.failed"]].map((eventTypes) => ({
        name: `messages, ${status ?? "any"}${of === null ? "" : ", of a subscription"}${eventTypes === null ? "" : ", by type"}`,
        list: (reading: Reading) =>
          listMessages(reading, { ...page, status, subscriptionId: of, eventTypes, since: 0, until: null }),
      })),
    ),
  );
  const scopes = [
    { name: "a message", messageId, subscriptionId: null },
    { name: "a subscription", messageId: null, subscriptionId },
    { name: "both", messageId, subscriptionId },
  ];
  const attempts = statuses.flatMap((status) =>
    scopes.map(({ name, ...scope }) => ({
      name: `attempts, ${status ?? "any"}, of ${name}`,
      list: (reading: Reading) => listAttempts(reading, { ...page, ...scope, status }),
    })),
  );
  return [...messages, ...attempts];
}

/** Passes questions on, and keeps their statements. */
export class NotingSql implements Sql {
  readonly statements: { readonly text: string; readonly values: readonly SqlValue[] }[] = [];
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get dialect(): Dialect {
    return this.#sql.dialect;
  }

  get<Row>(text: string, ...values: readonly SqlValue[]): Promise<Row | null> {
    this.statements.push({ text, values });
    return this.#sql.get(text, ...values);
  }

  all<Row>(text: string, ...values: readonly SqlValue[]): Promise<Row[]> {
    this.statements.push({ text, values });
    return this.#sql.all(text, ...values);
  }

  run(): Promise<number> {
    throw new Error("A question changes nothing.");
  }

  runEach(): Promise<number> {
    throw new Error("A question changes nothing.");
  }
}
