import type { ReceiverAccess } from "../../domain/receiver-access.ts";
import { type TlsIdentity, tlsIdentity } from "../../outbound/tls-identity.ts";

/** The identity of connections to a receiver; null without certificates. */
export function identityOf({ clientCertificate, authority }: ReceiverAccess): TlsIdentity | null {
  return tlsIdentity({
    certificates: clientCertificate?.certificates ?? null,
    privateKey: clientCertificate?.privateKey ?? null,
    authority: authority?.certificates ?? null,
  });
}
