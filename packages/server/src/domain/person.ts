/** A person that an identity provider has authenticated. */
export interface Person {
  /** The provider's `sub`. It never changes and belongs to no other person. */
  readonly id: string;
  /** The name in the audit log, such as an e-mail address. */
  readonly name: string;
  /** The person's groups that the settings map to roles. */
  readonly groups: readonly string[];
}
