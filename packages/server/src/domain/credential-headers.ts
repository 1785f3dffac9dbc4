const credentialHeader = /auth|key|token|secret|cookie|password/i;

/** Replaces the value of a credential where it is shown, and keeps the stored value when it is sent back. */
export const maskedValue = "***";

/** Whether the value of a header with this name is likely to be a credential. */
export function isCredentialHeader(name: string): boolean {
  return credentialHeader.test(name);
}
