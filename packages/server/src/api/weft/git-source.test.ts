import { expect, test } from "vitest";
import { TestRepository } from "../../sync/sources/git/fixtures/test-repository.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";

test("a form knows which fields of a source have several lines, and which are secrets", async () => {
  await using weft = await RunningWeft.start();
  const { body } = await weft.get("/sources/git");
  const fields = [...body.config_fields.fields, ...body.auth_fields.fields];
  const several = fields.filter((field) => field.is_multiline).map(({ name, is_secret }) => [name, is_secret]);
  expect(several).toEqual([
    ["known_hosts", false],
    ["private_key", true],
  ]);
});

test("a Weft that was built from its settings finds the program git, and reads a repository", async () => {
  using repository = new TestRepository();
  repository.commit({ "page.md": "Herons." });
  await using weft = await RunningWeft.start({ WEFT_DIRECTORY_ROOTS: repository.root });
  const { readable_id } = (await weft.post("/collections", { name: "Docs" })).body;
  const made = await weft.post("/source-connections", {
    short_name: "git",
    readable_collection_id: readable_id,
    config: { url: repository.url },
    authentication: { credentials: {} },
  });
  const jobs = async () => (await weft.get(`/source-connections/${made.body.id}/jobs`)).body;
  await expect
    .poll(jobs, { timeout: 30_000 })
    .toMatchObject([{ status: "completed", entities_inserted: 1, error: null }]);
});
