export const logIn = {
  title: "Log in to Weft",
  lead: "Enter an API key of your organization. The browser does not store the key; the session lasts 12 hours.",
  key: "API key",
  submit: "Log in",
  hint: "To create a key, run weft keys create.",
  ended: "This link or session has ended. Request a new link, or log in with an API key.",
} as const;
