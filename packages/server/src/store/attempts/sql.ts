// The operations on attempts that both databases share.

import type { CommandsOf, QueriesOf } from "../operations.ts";
import type { AttemptStore } from "./interface.ts";
import { listAttemptItems } from "./list-attempt-items.ts";
import { expungeResponse, findAttempt, listAttempts, readAttempt } from "./stored-attempts.ts";

export const lookUps = { readAttempt, findAttempt } satisfies QueriesOf<AttemptStore>;

export const lists = { listAttemptItems, listAttempts } satisfies QueriesOf<AttemptStore>;

export const commands = { expungeResponse } satisfies CommandsOf<AttemptStore>;
