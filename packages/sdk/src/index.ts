export { type ClientOptions, createClient, type WeftClient } from "./client.ts";
export { type Mistake, WeftApiError, WeftConnectionError } from "./errors.ts";
export type * from "./generated.ts";
export { jsonText } from "./json-text.ts";
export type { ConnectionState, ListenOptions, StreamItem, StreamOptions, StreamQuery } from "./stream.ts";
export type { CallOptions, Fetch, Page, Sleep } from "./transport.ts";
