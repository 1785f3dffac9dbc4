import { expect, test } from "vitest";
import { useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used } = useWeftAndReceiver();

async function names(path: string): Promise<string[]> {
  const found: string[] = [];
  let next: string | undefined = path;
  while (next !== undefined) {
    const page = await used.weft.get(next);
    expect(page.status, next).toBe(200);
    found.push(...page.body.map(({ name }: { name: string }) => name));
    next = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
  }
  return found;
}

test("API keys and organizations are sorted by a value, page by page in both directions", async () => {
  for (const path of ["/api-keys", "/organizations"]) {
    const before = (await names(path)).length;
    for (const name of ["zz-b", "zz-c", "ZZ-a"]) expect((await used.weft.post(path, { name })).status).toBe(200);
    const last = async (query: string) => (await names(`${path}?limit=2&${query}`)).slice(-3);
    expect(await last("sort=name")).toEqual(["ZZ-a", "zz-b", "zz-c"]);
    expect(await last("sort=created")).toEqual(["zz-b", "zz-c", "ZZ-a"]);
    const reversed = await names(`${path}?limit=2&sort=name&order=descending`);
    expect(reversed.slice(0, 3)).toEqual(["zz-c", "zz-b", "ZZ-a"]);
    expect(reversed).toHaveLength(before + 3);
    for (const query of ["sort=hash", "sort=name&order=up", "sort=name&cursor=x"]) {
      expect((await used.weft.get(`${path}?${query}`)).status, query).toBe(422);
    }
  }
});
