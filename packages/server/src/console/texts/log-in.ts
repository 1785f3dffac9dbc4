export const logIn = {
  title: "Log in to Weft",
  lead: "With an API key of your organization. It is not kept in this browser: a session of twelve hours is.",
  key: "API key",
  submit: "Log in",
  hint: "`weft keys create` makes one.",
  ended: "This link or session has ended. Ask for a new link, or log in with an API key.",
} as const;
