// From the interface to the SQL. A noun's `sql.ts` lists its operations as `lookUps`, `lists` and `commands`; a database adds
// those that it has SQL of its own for, and `bindOperations` makes them the methods of its store.
//
// The compiler keeps the parts together: a list of operations names nothing that its interface does not declare, each
// operation has the parameters and the result of its method, and a store that lacks an operation is no `StoreOperations`.

import type { ReadContext, WriteContext } from "./sql.ts";
import type { StoreOperations } from "./store.ts";

export type OperationName = keyof StoreOperations;
export type Params<Name extends OperationName> = Parameters<StoreOperations[Name]>[0];
export type Result<Name extends OperationName> = Awaited<ReturnType<StoreOperations[Name]>>;

/** A method of an interface as SQL: with the context that it runs in, before its parameters. */
type Operation<Context, Method> = Method extends (params: infer Given) => Promise<infer Returned>
  ? (context: Context, params: Given) => Promise<Returned>
  : never;

/** Some of the operations of an interface. */
export type OperationsOf<Interface, Context> = {
  readonly [Name in keyof Interface]?: Operation<Context, Interface[Name]>;
};
export type QueriesOf<Interface> = OperationsOf<Interface, ReadContext>;
export type CommandsOf<Interface> = OperationsOf<Interface, WriteContext>;

/** Operations of a database by name. */
export type Operations<Name extends OperationName, Context> = {
  readonly [One in Name]: (context: Context, params: Params<One>) => Promise<Result<One>>;
};

export function namesOf<Name extends OperationName>(operations: { readonly [One in Name]: unknown }): Name[] {
  return Object.keys(operations) as Name[];
}

/** The methods with these names, each of which runs the operation of its name. */
export function bindOperations<Name extends OperationName>(
  names: readonly Name[],
  run: <One extends Name>(name: One, params: Params<One>) => Promise<Result<One>>,
): Pick<StoreOperations, Name> {
  const methods = names.map((name) => [name, (params: Params<Name>) => run(name, params)]);
  return Object.fromEntries(methods) as Pick<StoreOperations, Name>;
}
