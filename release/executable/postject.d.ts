declare module "postject" {
  /** Injects a resource into an executable file. */
  export function inject(
    path: string,
    resource: string,
    data: Uint8Array,
    options: { readonly sentinelFuse: string },
  ): Promise<void>;
}
