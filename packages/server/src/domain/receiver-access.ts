// How requests authenticate to a receiver and verify it, in addition to their signature.

/** Everything here is encrypted at rest. */
export interface ReceiverAccess {
  readonly authentication: ReceiverAuthentication | null;
  readonly clientCertificate: ClientCertificate | null;
  /** The only authority that may sign the receiver's certificate; null for those that the machine trusts. */
  readonly authority: CertificateAuthority | null;
}

/** The source of the `Authorization` header of each request. */
export type ReceiverAuthentication =
  | { readonly type: "basic"; readonly username: string; readonly password: string }
  | { readonly type: "bearer"; readonly token: string }
  | TokenClient;

/** A client at an OAuth token endpoint, whose access tokens the receiver accepts. Source: RFC 6749, section 4.4. */
export interface TokenClient {
  readonly type: "oauth2";
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Null for the default of the token endpoint. */
  readonly scope: string | null;
  /** Sent as the parameter `audience`; null for none. */
  readonly audience: string | null;
  /** How the secret is sent: in the header of Basic authentication, or in the body. */
  readonly clientAuthentication: "basic" | "post";
}

/** An access token for a receiver. Times are Unix ms. */
export interface ReceiverToken {
  readonly value: string;
  readonly obtainedAt: number;
  readonly expiresAt: number;
}

/** A token is replaced before it expires, because its last requests take some time. */
const replacedBeforeMsMax = 30_000;

export function isFreshToken({ obtainedAt, expiresAt }: ReceiverToken, now: number): boolean {
  return now < expiresAt - Math.min(replacedBeforeMsMax, (expiresAt - obtainedAt) / 4);
}

/** A receiver that refuses a younger token refuses it for another reason than its age: a new one would not help. */
const refusedAfterMsMin = 60_000;

/** Whether a 401 is a reason to replace a token. */
export function mayBeOutdated({ obtainedAt }: ReceiverToken, now: number): boolean {
  return now - obtainedAt >= refusedAfterMsMin;
}

/** A certificate as it is shown. */
export interface CertificateFacts {
  /** The subject, such as `CN=weft`. */
  readonly subject: string;
  /** Unix ms. */
  readonly expiresAt: number;
}

export interface ClientCertificate extends CertificateFacts {
  /** PEM: the certificate, and those between it and its authority. */
  readonly certificates: string;
  /** PEM, without a passphrase. */
  readonly privateKey: string;
}

export interface CertificateAuthority extends CertificateFacts {
  /** PEM: one or more certificates. */
  readonly certificates: string;
}

export const noAccess: ReceiverAccess = { authentication: null, clientCertificate: null, authority: null };

export function hasAccess({ authentication, clientCertificate, authority }: ReceiverAccess): boolean {
  return authentication !== null || clientCertificate !== null || authority !== null;
}

/** Whether requests contain a credential that another host could use: a client certificate proves itself without its key. */
export function sendsCredential({ authentication }: ReceiverAccess): boolean {
  return authentication !== null;
}
