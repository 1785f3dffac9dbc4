/** The page of the documentation, which Weft serves below /docs/, that explains a section. */
export const documentation = {
  "/": "operate/console.html",
  "/messages": "understand/recoveries.html",
  "/subscriptions": "understand/limits-and-circuits.html",
  "/event-types": "send/event-types.html",
  "/freshness": "sync/",
  "/collections": "sync/",
  "/source-connections": "sync/",
  "/api-keys": "operate/security.html",
  "/organizations": "operate/security.html",
  "/audit-log": "operate/security.html",
  "/settings": "reference/settings.html",
} as const;
