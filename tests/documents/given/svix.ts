import { Svix } from "svix";

// What the page about Svix' SDKs takes for granted after its first program.
declare global {
  var svix: Svix;
}

globalThis.svix = new Svix(process.env.SVIX_TOKEN ?? "", { serverUrl: process.env.WEFT_URL ?? "" });
