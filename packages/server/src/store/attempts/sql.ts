// The operations on attempts that both databases share.

import type { CommandsOf, QueriesOf } from "../operations.ts";
import { countAttempts } from "./count-attempts.ts";
import type { AttemptStore } from "./interface.ts";
import { listAttempts } from "./list-attempts.ts";
import { expungeResponse, findAttempt, listMadeAttempts, readAttempt } from "./made-attempts.ts";

export const lookUps = { readAttempt, findAttempt } satisfies QueriesOf<AttemptStore>;

export const lists = { listAttempts, listMadeAttempts, countAttempts } satisfies QueriesOf<AttemptStore>;

export const commands = { expungeResponse } satisfies CommandsOf<AttemptStore>;
