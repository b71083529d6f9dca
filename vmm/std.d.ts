// The parts of Deno's std that Velum uses, declared by hand: the npm build of std ships no types.
// When deno.json maps these names to a registry that has types, delete this file.

declare module "@std/assert" {
  export function assert(condition: unknown, message?: string): asserts condition;
  export function assertEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertMatch(actual: string, expected: RegExp, message?: string): void;
  export function assertStringIncludes(actual: string, expected: string, message?: string): void;
  // deno-lint-ignore no-explicit-any -- a class may have any constructor
  type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;
  export function assertThrows<E extends Error = Error>(
    body: () => unknown,
    errorClass: ErrorClass<E>,
    messageIncludes?: string,
  ): E;
  export function assertRejects<E extends Error = Error>(
    body: () => PromiseLike<unknown>,
    errorClass: ErrorClass<E>,
    messageIncludes?: string,
  ): Promise<E>;
}

declare module "@std/async/pool" {
  /** In the order of `inputs`; at most `limit` at once. Throws AggregateError of what `body` threw. */
  export function pooledMap<T, R>(
    limit: number,
    inputs: Iterable<T>,
    body: (input: T) => Promise<R>,
  ): AsyncIterableIterator<R>;
}

declare module "@std/cli/parse-args" {
  export interface ParseOptions {
    string?: readonly string[];
    boolean?: readonly string[];
    collect?: readonly string[];
    alias?: Record<string, string | readonly string[]>;
    default?: Record<string, unknown>;
    stopEarly?: boolean;
    "--"?: boolean;
    unknown?: (argument: string, name?: string, value?: unknown) => unknown;
  }
  export interface ParsedArgs {
    _: (string | number)[];
    [name: string]: unknown;
  }
  export function parseArgs(args: readonly string[], options?: ParseOptions): ParsedArgs;
}

declare module "@std/path" {
  export function basename(path: string, suffix?: string): string;
  export function dirname(path: string): string;
  export function extname(path: string): string;
  export function fromFileUrl(url: string | URL): string;
  export function join(...parts: string[]): string;
  export function relative(from: string, to: string): string;
  export function resolve(...parts: string[]): string;
  export function toFileUrl(path: string): URL;
}
