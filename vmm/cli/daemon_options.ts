// Where the daemon is: for `serve` and for every command that is its client.

import { RequestError } from "../kvm/request_error.ts";
import { Client } from "../daemon/client.ts";
import type { grace } from "../daemon/waiting_times.ts";
import type { Given, Options } from "./options.ts";
import { parseWait } from "./quantities.ts";

export const socketOption: Options = {
  socket: { value: "PATH", help: "the daemon's socket (VELUM_SOCKET, else velum.sock in XDG_RUNTIME_DIR)" },
};

export const clientOptions: Options = {
  ...socketOption,
  json: { help: "print JSON" },
};

/** Throws RequestError where nothing says it. */
export function socketOf(given: Given): string {
  const said = given.one("socket") ?? environment("VELUM_SOCKET");
  if (said) return said;
  const folder = environment("XDG_RUNTIME_DIR");
  if (folder) return `${folder}/velum.sock`;
  throw new RequestError(
    "socket",
    "nothing says where the daemon's socket is; give --socket PATH, or set VELUM_SOCKET",
  );
}

/** Undefined too where Deno was not given the permission. */
export function environment(name: string): string | undefined {
  const isAllowed = Deno.permissions.querySync({ name: "env", variable: name }).state === "granted";
  return isAllowed ? Deno.env.get(name) : undefined;
}

/** Seconds that the daemon is to wait, from 0 on: what the option says, or the usual. Throws RequestError. */
export function secondsOf(given: Given, option: string, { usual, most }: typeof grace): number {
  return given.has(option) ? parseWait(option, given.one(option)!, most) : usual;
}

export const clientOf = (given: Given): Client => new Client(socketOf(given));

/** The VMs that the operands name. Throws RequestError if there is none. */
export function vmNames(given: Given): readonly string[] {
  if (given.operands.length) return given.operands;
  throw new RequestError("name", "no VM is named; velum ps lists those there are");
}

/** The one VM that the operands name. Throws RequestError. */
export function vmName(given: Given): string {
  const [name, second] = vmNames(given);
  if (second === undefined) return name!;
  throw new RequestError("name", `one VM is wanted, and "${second}" is named too`);
}
