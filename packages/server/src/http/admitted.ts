import type { FastifyRequest } from "fastify";
import type { Caller } from "../auth/caller.ts";
import type { Holding } from "./bytes-under-way.ts";
import type { BodyRules } from "./request-body.ts";
import type { Route } from "./route.ts";
import type { Turns } from "./turns.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Null for requests that no route of an API has admitted. */
    admitted: Admitted | null;
  }
}

/** The facts about a request that a route has before the body is read. */
export interface Admitted {
  readonly route: Route;
  readonly caller: Caller;
  readonly holding: Holding;
}

export function admittedOf({ admitted }: FastifyRequest): Admitted {
  if (admitted === null) throw new Error("A route got a request that it had not admitted.");
  return admitted;
}

/** How the body of a request is read; null when it is not read. */
export function bodyRules({ admitted, ip }: FastifyRequest, turns: Turns): BodyRules {
  if (admitted === null) return null;
  const { route, caller, holding } = admitted;
  const turn = (bytes: number) => turns.wait(route.access === null ? ip : caller.organizationId, bytes);
  return { bounds: route.bodyBounds, holding, turn };
}
