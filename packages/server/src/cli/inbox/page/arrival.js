// One request on the page: a line that opens, and what it shows then.

/**
 * @typedef {object} Summary
 * @property {number} number
 * @property {string} at
 * @property {string} method
 * @property {string} path
 * @property {number} body_bytes
 * @property {string | null} message_id
 * @property {number} copy
 * @property {string | null} event_type
 * @property {boolean | null} verifies
 * @property {string | null} finding
 * @property {number} status
 * @property {number} delay_seconds
 */
/**
 * @typedef {Summary & {
 *   is_too_large: boolean,
 *   explanation: { verifies: boolean, findings: { code: string, text: string }[] } | null,
 *   headers: [string, string][],
 *   body_text: string | null,
 *   body_base64: string,
 *   pretty: string | null,
 *   curl: string,
 * }} Detail
 */

/** Of longer bodies, the beginning is shown in bytes. */
const bytesShownMax = 16 * 1024;

/**
 * An element with texts and elements in it. Texts stay texts.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} [children]
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes = {}, children = []) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** @param {Summary} summary */
export function showArrival(summary) {
  const detail = element("div", { class: "detail" });
  const shown = element("details", {}, [element("summary", {}, lineOf(summary)), detail]);
  shown.addEventListener("toggle", () => {
    if (shown.open && detail.childElementCount === 0) void load(summary, detail);
  });
  return shown;
}

/** @param {Summary} summary */
function lineOf({
  at,
  method,
  path,
  message_id,
  copy,
  event_type,
  verifies,
  finding,
  status,
  delay_seconds,
  body_bytes,
}) {
  const verdict = verifies === true ? "verifies" : `does not verify: ${(finding ?? "").replaceAll("_", " ")}`;
  const delay = delay_seconds === 0 ? "" : ` after ${delay_seconds} s`;
  return [
    element("time", { datetime: at, class: "quiet" }, [new Date(at).toLocaleTimeString()]),
    element("strong", { class: "arrived" }, [`${method} ${path}`]),
    ...(event_type === null ? [] : [element("span", { class: "arrived" }, [event_type])]),
    ...(message_id === null ? [] : [element("code", { class: "arrived" }, [message_id])]),
    ...(copy === 1 ? [] : [element("span", { class: "badge warning" }, [`copy ${copy} of this id`])]),
    ...(verifies === null ? [] : [element("span", { class: `badge ${verifies ? "good" : "bad"}` }, [verdict])]),
    element("span", { class: "quiet" }, [`${body_bytes} bytes, returned ${status}${delay}`]),
  ];
}

/** @param {Summary} summary @param {HTMLElement} detail */
async function load({ number }, detail) {
  try {
    const response = await fetch(`/-/arrivals/${number}`);
    const loaded = await response.json();
    if (response.ok) detail.replaceChildren(...partsOf(loaded));
    else detail.replaceChildren(element("p", {}, [loaded.detail]));
  } catch {
    detail.replaceChildren(element("p", {}, ["The inbox cannot be reached. Close these details and open them again."]));
  }
}

/** @param {Detail} detail */
function partsOf(detail) {
  const { number, headers, explanation, curl } = detail;
  const result = element("span", { role: "status" });
  const copy = element("button", { type: "button" }, ["Copy as curl"]);
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(curl);
      result.textContent = "Copied.";
    } catch {
      // Browsers give the clipboard to pages of this machine and of https only.
      result.replaceChildren(element("pre", { class: "arrived" }, [curl]));
    }
  });
  const download = element("a", { href: `/-/arrivals/${number}/body`, download: "" }, ["Download body"]);
  const rows = headers.map(([name, value]) =>
    element("tr", {}, [
      element("th", { scope: "row", class: "arrived" }, [name]),
      element("td", { class: "arrived" }, [value]),
    ]),
  );
  return [
    ...(explanation === null ? [] : whyOf(explanation)),
    element("p", { class: "actions" }, [copy, download, result]),
    element("h3", {}, ["Headers"]),
    element("table", {}, [element("tbody", {}, rows)]),
    ...bodyOf(detail),
  ];
}

/** @param {NonNullable<Detail["explanation"]>} explanation */
function whyOf({ verifies, findings }) {
  const sentences = [
    verifies ? "The signature verifies." : "The signature does not verify.",
    ...findings.map(({ text }) => text),
  ];
  const lines = sentences.map((text) => element("p", { class: "arrived" }, [text]));
  return [element("div", { class: `why ${verifies ? "good" : "bad"}` }, lines)];
}

/** @param {Detail} detail */
function bodyOf({ is_too_large, body_bytes, body_text, pretty, body_base64 }) {
  if (is_too_large) return [element("p", {}, [`The body has ${body_bytes} bytes, which is too large to keep.`])];
  if (body_bytes === 0) return [element("p", { class: "quiet" }, ["The request has no body."])];
  const bytes = () => bytesOf(body_base64);
  /** @type {[string, (() => string) | null][]} */
  const views = [
    ["Pretty", pretty === null ? null : () => pretty],
    ["Raw", body_text === null ? null : () => body_text],
    ["Hex", bytes],
  ];
  const shown = element("pre", { class: "arrived", tabindex: "0", "aria-label": "Body" });
  const buttons = views.flatMap(([name, textOf]) => {
    if (textOf === null) return [];
    const button = element("button", { type: "button", "aria-pressed": "false" }, [name]);
    button.addEventListener("click", () => {
      for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
      shown.textContent = textOf();
    });
    return [button];
  });
  buttons[0]?.click();
  return [element("h3", {}, [`Body, ${body_bytes} bytes`]), element("p", { class: "actions" }, buttons), shown];
}

/** Sixteen bytes a line, as digits and as what can be read of them. @param {string} base64 */
function bytesOf(base64) {
  const all = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const lines = [];
  for (let at = 0; at < Math.min(all.length, bytesShownMax); at += 16) {
    const line = [...all.subarray(at, at + 16)];
    const digits = line.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const readable = line.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${digits.padEnd(47)}  ${readable}`);
  }
  if (all.length > bytesShownMax) lines.push(`… of ${all.length} bytes`);
  return lines.join("\n");
}
