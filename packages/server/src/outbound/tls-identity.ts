import { createHash } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";

/** The client certificate of connections, and the authority that they trust. Connections of two identities are never shared. */
export interface TlsIdentity {
  /** Equal for equal identities. */
  readonly id: string;
  readonly context: SecureContext;
}

export interface TlsMaterial {
  readonly certificates: string | null;
  readonly privateKey: string | null;
  /** Replaces the authorities that the machine trusts; null keeps them. */
  readonly authority: string | null;
}

/** Null when nothing differs from any other connection. Throws when OpenSSL refuses the material. */
export function tlsIdentity({ certificates, privateKey, authority }: TlsMaterial): TlsIdentity | null {
  if (certificates === null && authority === null) return null;
  const id = createHash("sha256")
    .update(JSON.stringify([certificates, privateKey, authority]))
    .digest("base64url");
  const context = createSecureContext({
    ...(certificates !== null && { cert: certificates }),
    ...(privateKey !== null && { key: privateKey }),
    ...(authority !== null && { ca: authority }),
  });
  return { id, context };
}
