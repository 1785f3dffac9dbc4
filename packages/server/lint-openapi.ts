import { Validator } from "@seriousme/openapi-schema-validator";

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses?: Readonly<Record<string, { readonly description?: string; readonly content?: object }>>;
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** The mistakes in an OpenAPI 3.1 document: violations of the specification, and of the rules for clear references. */
export async function mistakesIn(document: object): Promise<string[]> {
  const { errors } = await new Validator().validate({ ...document });
  if (errors !== undefined) return [errors].flat().map((error) => JSON.stringify(error));
  const { paths } = document as { readonly paths: Paths };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, operation })),
  );
  const ids = operations.map(({ operation }) => operation.operationId);
  return operations.flatMap(({ path, operation }) => {
    const name = operation.operationId ?? path;
    const isRepeated = ids.indexOf(operation.operationId) !== ids.lastIndexOf(operation.operationId);
    return [
      ...(operation.operationId === undefined ? [`${name} has no operationId.`] : []),
      ...(isRepeated ? [`Several operations have the id ${name}.`] : []),
      ...((operation.summary ?? "").length > 5 ? [] : [`${name} has no summary.`]),
      ...parameterMistakes(name, path, operation),
      ...responseMistakes(name, operation),
    ];
  });
}

/** The parameters in the template of a path must be those that the operation describes. */
function parameterMistakes(name: string, path: string, { parameters = [] }: Operation): string[] {
  const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, found = ""]) => found));
  const described = new Set(
    parameters.filter((parameter) => parameter.in === "path").map((parameter) => parameter.name),
  );
  const different = [...inPath, ...described].filter((parameter) => inPath.has(parameter) !== described.has(parameter));
  return different.map((parameter) => `${name}: the parameter ${parameter} is in the path or in the description only.`);
}

function responseMistakes(name: string, { responses = {} }: Operation): string[] {
  const isEmpty = (status: string) => status === "204" || status === "303";
  return Object.entries(responses).flatMap(([status, { description = "", content }]) => [
    ...(/^[A-Z].{10,}/.test(description) ? [] : [`${name}: the response ${status} has no description.`]),
    ...((content === undefined) === isEmpty(status) ? [] : [`${name}: the response ${status} has a wrong media type.`]),
  ]);
}
