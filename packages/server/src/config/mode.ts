/** The two ways to run: `dev` trusts only this machine, `serve` trusts no client without a key. */
export type Mode = "dev" | "serve";
