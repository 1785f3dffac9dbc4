import { queryOptions } from "@tanstack/react-query";
import type { Api } from "./weft.tsx";

const knownMax = 250;

/** The newest organizations, by which operators choose and recognize them. */
export function organizationsQuery({ weft }: Pick<Api, "weft">) {
  return queryOptions({
    queryKey: ["organizations", "known"],
    queryFn: async ({ signal }) => (await weft.organizations.listOrganizations({ limit: knownMax }, { signal })).items,
  });
}
