/** `v1` is HMAC-SHA256 with a secret that both sides have; `v1a` is Ed25519, and the receiver has the public key alone. */
export const signatureTypes = ["v1", "v1a"] as const;
export type SignatureType = (typeof signatureTypes)[number];
