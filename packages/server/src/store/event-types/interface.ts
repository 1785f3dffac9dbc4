import type { DefinedEventType, EventType } from "../../domain/event-type.ts";

export interface EventTypesState {
  readonly state: string;
  /** Null if there are no event types. */
  readonly changedAt: number | null;
}

/** Limits the event types of one namespace, and those of all namespaces together. */
export interface EventTypeRoom {
  readonly typesMax: number;
  readonly namespaceTypesMax: number;
}

/** The event types that operators defined, by namespace. Those of Weft's own producers are not stored. */
export interface EventTypeStore {
  /** Returns the event types of all namespaces: at most `limits.eventTypesMax`. */
  readEventTypes(params: Record<never, never>): Promise<DefinedEventType[]>;
  /**
   * Returns a text that differs after each change, unless two changes share a millisecond, and the time of the last
   * change.
   */
  readEventTypesState(params: Record<never, never>): Promise<EventTypesState>;
  /**
   * Stores an event type. `exists`: there is one of this name in the namespace. `full`: there is no room for it. Both change
   * nothing.
   */
  createEventType(
    params: { namespace: string; type: EventType } & EventTypeRoom,
  ): Promise<"created" | "exists" | "full">;
  /** Creates each type or replaces the one of its name: all of them, or none if there is no room for them. */
  replaceEventTypes(
    params: { namespace: string; types: readonly EventType[] } & EventTypeRoom,
  ): Promise<"replaced" | "full">;
  /** Deletes the event type of this name, if there is one. */
  deleteEventType(params: { namespace: string; name: string }): Promise<null>;
}
