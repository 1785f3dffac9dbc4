export const logIn = {
  title: "Log in to Weft",
  lead: "Enter an API key of your organization. The browser does not store the key; the session lasts 12 hours.",
  provider: (name: string) => `Continue with ${name}`,
  or: "or with an API key",
  failures: {
    denied: "The identity provider refused the sign-in. Try again, or ask the operators of this Weft.",
    expired: "The sign-in took too long, or it was begun in another browser. Try again.",
    invalid_response:
      "The response of the identity provider is not valid. Try again, or ask the operators of this Weft.",
    no_role:
      "You are signed in at the identity provider, but you have no role here. Ask the operators of this Weft for access.",
    provider_unavailable: "The identity provider did not respond. Try again in a minute.",
  } as Readonly<Record<string, string | undefined>>,
  key: "API key",
  submit: "Log in",
  hint: "To create a key, run weft keys create.",
  ended: {
    title: "This link has expired",
    lead: "Open this page from your account again to get a new link.",
  },
} as const;
