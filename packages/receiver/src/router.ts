import type { WeftEventByType, WeftEventType } from "./events.ts";
import { type OnceStore, once } from "./once/once.ts";
import type { ReceivedEvent } from "./received-event.ts";
import { inProgress } from "./response.ts";

/** The details of a message besides its event. */
export interface MessageContext {
  /** The message's id, which is equal on every attempt: a handler that must not act twice remembers it. */
  readonly messageId: string;
  /** When this attempt was signed, to the second. */
  readonly timestamp: Date;
  /** The body, exactly as it was signed. */
  readonly text: string;
}

/** `throw gone()` unsubscribes, `throw tryLater(seconds)` asks for a pause; any other error makes the sender retry. */
export type Handler<Event> = (event: Event, context: MessageContext) => void | Promise<void>;

export interface Router {
  /** Handles the events of one type. */
  on<Type extends WeftEventType>(type: Type, handler: Handler<WeftEventByType[Type]>): Router;
  /** Handles every event. */
  onAny(handler: Handler<ReceivedEvent>): Router;
  /** Handles the events whose type no `on` names, known and unknown ones. */
  otherwise(handler: Handler<ReceivedEvent>): Router;
  /**
   * Runs the matching handlers one after the other, `on` and `onAny` in the order in which they were added, then
   * `otherwise`. Throws the error of a handler; later handlers then do not run. With a store for `once`, a message
   * whose handlers have run before is skipped, and one whose handlers are running is declined.
   */
  receive(event: ReceivedEvent, context: MessageContext): Promise<void>;
}

export interface RouterOptions {
  /** Remembers which messages were handled, so that their handlers run once. Default: they run for every delivery. */
  readonly once?: OnceStore;
}

/** A router without handlers: it accepts every event and does nothing. */
export function createRouter(options: RouterOptions = {}): Router {
  const routes: { readonly type: WeftEventType | null; readonly handle: Handler<ReceivedEvent> }[] = [];
  const fallbacks: Handler<ReceivedEvent>[] = [];

  const router: Router = {
    on(type, handler) {
      routes.push({
        type,
        handle: async (event, context) => {
          if (isOfType(event, type)) await handler(event, context);
        },
      });
      return router;
    },
    onAny(handler) {
      routes.push({ type: null, handle: handler });
      return router;
    },
    otherwise(handler) {
      fallbacks.push(handler);
      return router;
    },
    async receive(event, context) {
      if (options.once === undefined) return await handleAll(event, context);
      const outcome = await once(context.messageId, () => handleAll(event, context), options.once);
      if (outcome.state === "in_progress") throw inProgress(outcome.retryAfterSeconds);
    },
  };

  async function handleAll(event: ReceivedEvent, context: MessageContext): Promise<void> {
    const isNamed = routes.some(({ type }) => type === event.event_type);
    for (const { handle } of routes) await handle(event, context);
    if (isNamed) return;
    for (const handle of fallbacks) await handle(event, context);
  }
  return router;
}

function isOfType<Type extends WeftEventType>(event: ReceivedEvent, type: Type): event is WeftEventByType[Type] {
  return event.event_type === type;
}
