import { limits } from "../../../domain/limits.ts";
import type { SourceEntity } from "../../source.ts";
import { entityName } from "../http/plain-text.ts";
import { absentObject, type NotionApi } from "./notion-api.ts";
import type { NotionObject, NotionShapes, ParentRef } from "./parse-response.ts";

type Container = NotionShapes["parent"];

const depthMax = 20;

const paths = { page: "pages", data_source: "data_sources", database: "databases", block: "blocks" } as const;

/** The pages and data sources that contain an object. Each is requested once in a job, unless the job read it before. */
export class ContainerNames {
  readonly #api: NotionApi;
  /** Null for those that the token has no access to. */
  readonly #known = new Map<string, Container | null>();

  constructor(api: NotionApi) {
    this.#api = api;
  }

  /** Notes an object that a list contains, so that it need not be requested. */
  note({ id, title, parent }: NotionObject): void {
    if (this.#known.size < limits.notionContainersMax) this.#known.set(id, { name: title, parent });
  }

  /** Outermost first. Blocks, and databases with one data source, are only on the way to the next page. */
  async breadcrumbsOf({ parent }: NotionObject): Promise<NonNullable<SourceEntity["breadcrumbs"]>> {
    const breadcrumbs: { id: string; type: string; name: string }[] = [];
    let next = parent;
    for (let depth = 0; next !== null && depth < depthMax; depth++) {
      const container: Container | null = await this.#read(next);
      if (container === null) break;
      if (next.kind === "page" || next.kind === "data_source") {
        breadcrumbs.unshift({ id: next.id, type: next.kind, name: entityName(container.name, "Untitled") });
      }
      next = container.parent;
    }
    return breadcrumbs;
  }

  async #read({ kind, id }: ParentRef): Promise<Container | null> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const address = `/v1/${paths[kind]}/${id}`;
    const container = await this.#api.request({
      shape: "parent",
      address,
      absent: [...absentObject, "restricted_resource", "validation_error"],
    });
    if (this.#known.size < limits.notionContainersMax) this.#known.set(id, container);
    return container;
  }
}
