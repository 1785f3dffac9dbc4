export { type ClientOptions, createClient } from "./client.ts";
export { type Mistake, WeftApiError, WeftConnectionError } from "./errors.ts";
export type * from "./generated.ts";
export type { CallOptions, Fetch, Page, Sleep } from "./transport.ts";
