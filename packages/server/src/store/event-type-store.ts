import type { EventType } from "../domain/event-type.ts";

/** The event types that the operator defined; those of Weft's own producers are not stored. */
export interface EventTypeStore {
  /** All of them: at most `limits.eventTypesMax`. */
  readEventTypes(params: Record<never, never>): Promise<EventType[]>;
  /** False, and nothing happens, when there is one of this name. */
  createEventType(params: { type: EventType }): Promise<boolean>;
  /** Makes each, or puts it in the place of the one of its name: all of them or none. */
  replaceEventTypes(params: { types: readonly EventType[] }): Promise<null>;
  deleteEventType(params: { name: string }): Promise<null>;
}
