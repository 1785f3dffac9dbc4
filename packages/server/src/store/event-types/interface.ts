import type { EventType } from "../../domain/event-type.ts";

export interface EventTypesState {
  readonly state: string;
  /** Null when there are no event types. */
  readonly changedAt: number | null;
}

/** The event types that the operator defined; those of Weft's own producers are not stored. */
export interface EventTypeStore {
  /** All of them: at most `limits.eventTypesMax`. */
  readEventTypes(params: Record<never, never>): Promise<EventType[]>;
  /** A text that is another one after a change, unless that came in the same millisecond as the one before; and when the last change was. */
  readEventTypesState(params: Record<never, never>): Promise<EventTypesState>;
  /** `exists`: there is one of this name. `full`: there are `typesMax`. Nothing happens then. */
  createEventType(params: { type: EventType; typesMax: number }): Promise<"created" | "exists" | "full">;
  /** Makes each, or puts it in the place of the one of its name: all of them, or none where there would be more than `typesMax`. */
  replaceEventTypes(params: { types: readonly EventType[]; typesMax: number }): Promise<"replaced" | "full">;
  deleteEventType(params: { name: string }): Promise<null>;
}
