import type { Attempt } from "../../domain/attempt.ts";
import type { DeliveryState } from "../../domain/delivery.ts";
import type { MessageId, NodeId, OrganizationId } from "../../domain/id.ts";
import type { ExpiredRange } from "../../domain/retention.ts";
import type { DeliveryKey } from "../deliveries/interface.ts";

/** Messages that have expired by the retention of their organization or event type, and the rows that the archive keeps of them. */
export interface RetentionStore {
  /** Whether this node is the live one that started first: the one that expires messages. */
  isFirstNode(params: { nodeId: NodeId; now: number }): Promise<boolean>;
  /** Returns the oldest messages of an organization that have expired, at most `limit`, in the order of their ids. */
  findExpiredMessages(params: { organizationId: OrganizationId; limit: number } & ExpiredRange): Promise<MessageId[]>;
  /** Lists the deliveries of these messages after a key, in the order of their keys. */
  readExpiredDeliveries(params: ExpiredRows<DeliveryKey>): Promise<ExpiredDelivery[]>;
  /** Lists the attempts of these messages after a key, in the order of their messages and ids. */
  readExpiredAttempts(params: ExpiredRows<Pick<Attempt, "messageId" | "id">>): Promise<Attempt[]>;
  /** Deletes these messages of an organization with their deliveries and attempts. Returns how many messages it deleted. */
  deleteMessages(params: { organizationId: OrganizationId; messageIds: readonly MessageId[] }): Promise<number>;
}

/** A page of rows of some messages. */
export interface ExpiredRows<Key> {
  readonly organizationId: OrganizationId;
  readonly messageIds: readonly MessageId[];
  /** Null for the first page. */
  readonly after: Key | null;
  readonly limit: number;
}

export interface ExpiredDelivery extends DeliveryKey {
  readonly state: DeliveryState;
  readonly attempts: number;
}
