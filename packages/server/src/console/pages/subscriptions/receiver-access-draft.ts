import type { CreateSubscriptionBody, SubscriptionDetail } from "@weft/sdk";

type Access = Pick<CreateSubscriptionBody, "authentication" | "client_certificate" | "certificate_authority">;
type StoredAccess = Pick<SubscriptionDetail, "authentication" | "client_certificate" | "certificate_authority">;

export const authenticationTypes = ["none", "basic", "bearer", "oauth2"] as const;

/** How requests authenticate to the endpoint, as a user edits it. Stored secrets are shown as `***`. */
export interface ReceiverAccessDraft {
  readonly type: (typeof authenticationTypes)[number];
  readonly username: string;
  readonly password: string;
  readonly token: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  readonly audience: string;
  readonly clientAuthentication: "basic" | "post";
  /** PEM. Empty keeps a stored one. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly removesCertificate: boolean;
  /** PEM. Empty keeps a stored one. */
  readonly authority: string;
  readonly removesAuthority: boolean;
  readonly stored: Omit<StoredAccess, "authentication">;
}

export const emptyAccess: ReceiverAccessDraft = {
  type: "none",
  username: "",
  password: "",
  token: "",
  tokenUrl: "",
  clientId: "",
  clientSecret: "",
  scope: "",
  audience: "",
  clientAuthentication: "basic",
  certificate: "",
  privateKey: "",
  removesCertificate: false,
  authority: "",
  removesAuthority: false,
  stored: { client_certificate: null, certificate_authority: null },
};

export function accessDraftOf({
  authentication,
  client_certificate,
  certificate_authority,
}: StoredAccess): ReceiverAccessDraft {
  const draft = { ...emptyAccess, stored: { client_certificate, certificate_authority } };
  switch (authentication?.type) {
    case undefined:
      return draft;
    case "basic":
      return { ...draft, ...authentication };
    case "bearer":
      return { ...draft, ...authentication };
    case "oauth2":
      return {
        ...draft,
        type: "oauth2",
        tokenUrl: authentication.token_url,
        clientId: authentication.client_id,
        clientSecret: authentication.client_secret,
        scope: authentication.scope ?? "",
        audience: authentication.audience ?? "",
        clientAuthentication: authentication.client_authentication,
      };
  }
}

/** The fields to send: those that differ from the stored ones. */
export function accessChanges(draft: ReceiverAccessDraft, initial: ReceiverAccessDraft): Access {
  const authentication = authenticationOf(draft);
  const isSame = JSON.stringify(authentication) === JSON.stringify(authenticationOf(initial));
  const { certificate, privateKey, authority } = draft;
  return {
    ...(!isSame && { authentication }),
    ...(draft.removesCertificate && { client_certificate: null }),
    ...(!draft.removesCertificate &&
      certificate.trim() + privateKey.trim() !== "" && {
        client_certificate: { certificate: certificate.trim(), private_key: privateKey.trim() },
      }),
    ...(draft.removesAuthority && { certificate_authority: null }),
    ...(!draft.removesAuthority && authority.trim() !== "" && { certificate_authority: authority.trim() }),
  };
}

function authenticationOf(draft: ReceiverAccessDraft): NonNullable<Access["authentication"]> | null {
  switch (draft.type) {
    case "none":
      return null;
    case "basic":
      return { type: "basic", username: draft.username.trim(), password: draft.password };
    case "bearer":
      return { type: "bearer", token: draft.token.trim() };
    case "oauth2":
      return {
        type: "oauth2",
        token_url: draft.tokenUrl.trim(),
        client_id: draft.clientId.trim(),
        client_secret: draft.clientSecret,
        scope: draft.scope.trim() === "" ? null : draft.scope.trim(),
        audience: draft.audience.trim() === "" ? null : draft.audience.trim(),
        client_authentication: draft.clientAuthentication,
      };
  }
}
