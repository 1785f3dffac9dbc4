// What a site says is parsed here, beside the event loop: a page that takes long, or all memory, holds up nobody.

import { parentPort, workerData } from "node:worker_threads";
import robotsParser from "robots-parser";
import { readHtml } from "./html-page.ts";
import type { SiteAnswer, SiteAsk, SiteRobots } from "./site-parser.ts";
import { readSitemap } from "./sitemap.ts";

const port = parentPort;
if (port === null) throw new Error("web/site-thread.ts is run as a worker thread only.");

const { robots, userAgent } = workerData as { robots: SiteRobots; userAgent: string };
// The library is one function, and its types call that `default`.
const parseRobots = robotsParser as unknown as typeof robotsParser.default;
const rules = parseRobots(robots.address, robots.text);

port.on("message", (ask: SiteAsk) => port.postMessage(answer(ask)));

function answer(ask: SiteAsk): SiteAnswer {
  try {
    return { ok: true, value: answerTo(ask) };
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, reason: "It is nested too deeply to be read." };
    return { ok: false, reason: `It could not be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function answerTo(ask: SiteAsk): unknown {
  switch (ask.kind) {
    case "allows":
      return rules.isAllowed(ask.address, userAgent) ?? true;
    case "crawlDelay":
      return rules.getCrawlDelay(userAgent) ?? null;
    case "page":
      return readHtml(ask.html, ask.address);
    case "sitemap":
      return readSitemap(ask.text);
  }
}
