import type { EventType } from "../../domain/event-type.ts";

export interface EventTypesState {
  readonly state: string;
  /** Null if there are no event types. */
  readonly changedAt: number | null;
}

/** The event types that the operator defined. Those of Weft's own producers are not stored. */
export interface EventTypeStore {
  /** Returns all event types: at most `limits.eventTypesMax`. */
  readEventTypes(params: Record<never, never>): Promise<EventType[]>;
  /**
   * Returns a text that differs after each change, unless two changes share a millisecond, and the time of the last
   * change.
   */
  readEventTypesState(params: Record<never, never>): Promise<EventTypesState>;
  /**
   * Stores an event type. `exists`: there is one of this name. `full`: there are already `typesMax`. Both change
   * nothing.
   */
  createEventType(params: { type: EventType; typesMax: number }): Promise<"created" | "exists" | "full">;
  /** Creates each type or replaces the one of its name: all of them, or none if there would be more than `typesMax`. */
  replaceEventTypes(params: { types: readonly EventType[]; typesMax: number }): Promise<"replaced" | "full">;
  /** Deletes the event type of this name, if there is one. */
  deleteEventType(params: { name: string }): Promise<null>;
}
