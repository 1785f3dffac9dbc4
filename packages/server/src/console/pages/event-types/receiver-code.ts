/// <reference types="vite/client" />
import express from "./programs/express.js?raw";
import fastapi from "./programs/fastapi.py?raw";
import fastify from "./programs/fastify.js?raw";
import hono from "./programs/hono.js?raw";
import node from "./programs/node.js?raw";
import plain from "./programs/plain.py?raw";
import web from "./programs/web.js?raw";

export const frameworks = [
  { key: "node", name: "Node", program: node },
  { key: "express", name: "Express", program: express },
  { key: "fastify", name: "Fastify", program: fastify },
  { key: "hono", name: "Hono", program: hono },
  { key: "web", name: "Web Request (Next.js, Workers, Deno, Bun)", program: web },
  { key: "fastapi", name: "Python, FastAPI", program: fastapi },
  { key: "python", name: "Python, standard library", program: plain },
] as const;

export type Framework = (typeof frameworks)[number];

// The placeholders of the programs until the user's own values are filled in.
const defaults = { eventType: '"sync.completed"', path: '"/webhooks"', port: "8000" } as const;

/**
 * A complete program that receives and verifies one event type, with the path and the port of an endpoint's URL filled
 * in.
 */
export function receiverCode({ program }: Framework, eventType: string, url: string | null): string {
  const { pathname, port } = url !== null && URL.canParse(url) ? new URL(url) : { pathname: "/", port: "" };
  return program
    .replaceAll(defaults.eventType, () => JSON.stringify(eventType))
    .replaceAll(defaults.path, () => (pathname === "/" ? defaults.path : JSON.stringify(pathname)))
    .replaceAll(defaults.port, () => (port === "" ? defaults.port : port));
}
