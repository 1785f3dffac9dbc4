// The page of `weft inbox`. Everything that arrived is put into it as text.
import { element, showArrival } from "./arrival.js";

/** @typedef {import("./arrival.js").Summary} Summary */
/** @typedef {{ status: number, delay_seconds: number, body: string }} Answer */

/**
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
function byId(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${id}.`);
}

const list = byId("list", HTMLOListElement);
const form = byId("answer", HTMLFormElement);
const answerSaid = byId("answer-said", HTMLSpanElement);
const connection = byId("connection", HTMLParagraphElement);

byId("url", HTMLElement).textContent = `${location.origin}/`;

/** By number and time, since another inbox begins to count anew. The oldest first. @type {Map<string, { number: number, item: HTMLElement }>} */
const shown = new Map();

/** @param {Summary} summary */
function keyOf({ number, at }) {
  return `${number} ${at}`;
}

/** @param {Summary} summary */
function show(summary) {
  const key = keyOf(summary);
  if (shown.has(key)) return;
  const item = element("li", {}, [showArrival(summary)]);
  shown.set(key, { number: summary.number, item });
  list.prepend(item);
}

/** @param {(key: string, number: number) => boolean} isKept */
function keepOnly(isKept) {
  for (const [key, { number, item }] of shown) {
    if (isKept(key, number)) continue;
    item.remove();
    shown.delete(key);
  }
}

function count() {
  byId("count", HTMLSpanElement).textContent = String(shown.size);
  byId("nothing", HTMLParagraphElement).hidden = shown.size > 0;
}

/** @param {string} name */
function field(name) {
  return /** @type {HTMLInputElement | HTMLTextAreaElement} */ (form.elements.namedItem(name));
}

/** @param {Answer} answer */
function showAnswer({ status, delay_seconds, body }) {
  field("status").value = String(status);
  field("delay_seconds").value = String(delay_seconds);
  field("body").value = body;
}

/** @param {boolean} isConnected */
function showConnection(isConnected) {
  connection.textContent = isConnected ? "● live" : "Connecting…";
  connection.className = isConnected ? "badge good at-end" : "badge quiet at-end";
}

const events = new EventSource("/-/events");
events.addEventListener("error", () => {
  showConnection(false);
  // After an answer that is no stream, a browser does not come again by itself.
  if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5_000);
});

/** @param {string} name @param {(data: any) => void} hear */
function on(name, hear) {
  events.addEventListener(name, (event) => hear(JSON.parse(event.data)));
}

on("state", ({ answer, has_secret, arrivals }) => {
  showConnection(true);
  byId("no-secret", HTMLParagraphElement).hidden = has_secret;
  const keys = new Set(arrivals.map(keyOf));
  keepOnly((key) => keys.has(key));
  for (const summary of arrivals) show(summary);
  // A text that is being typed stays.
  if (!form.contains(document.activeElement)) showAnswer(answer);
  count();
});
on("arrived", ({ oldest, ...summary }) => {
  show(summary);
  keepOnly((_, number) => number >= oldest);
  count();
});
on("answer", (answer) => {
  if (!form.contains(document.activeElement)) showAnswer(answer);
});
on("cleared", () => {
  keepOnly(() => false);
  count();
});

/** @param {string} path @param {object} change @returns {Promise<string | null>} What was wrong. */
async function send(path, change) {
  try {
    const headers = { "content-type": "application/json" };
    const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(change) });
    return response.ok ? null : (await response.json()).detail;
  } catch {
    return "The inbox cannot be reached.";
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  answerSaid.textContent = "";
  const problem = await send("/-/answer", {
    status: Number(field("status").value),
    delay_seconds: Number(field("delay_seconds").value),
    body: field("body").value,
  });
  answerSaid.textContent = problem ?? "Done.";
});
byId("clear", HTMLButtonElement).addEventListener("click", () => void send("/-/clear", {}));
