// The parts that `main.ts` assembles, loaded together.

export { addressOf, openApi, reachableUrl } from "./api.ts";
export { openEngine } from "./engine.ts";
export { firstOrganizations } from "./first-organizations.ts";
export { openFoundations, version } from "./foundations.ts";
export { openProducers } from "./producers.ts";
