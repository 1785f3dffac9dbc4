import { Svix } from "svix";

// Definitions that the page about Svix' SDKs assumes after its first program.
declare global {
  var svix: Svix;
}

globalThis.svix = new Svix(process.env.SVIX_TOKEN ?? "", { serverUrl: process.env.WEFT_URL ?? "" });
