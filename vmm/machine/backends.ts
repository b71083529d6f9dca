// The one place that chooses a backend.

import type { Backend } from "../kvm/backend.ts";
import { Kvm } from "../kvm/system.ts";
import { RequestError } from "../kvm/request_error.ts";
import { type InterpreterBackend, interpreterBackend } from "../interpreter/backend.ts";
import type { HostProfile } from "../interpreter/host_profile.ts";
import { defaultHost, findHost, hosts } from "../interpreter/hosts.ts";
import { linuxBackend } from "../linux/backend.ts";

export { defaultHost, type HostProfile, hosts, type InterpreterBackend };

export const backendChoices = ["auto", "kvm", "interpreter"] as const;
export type BackendChoice = (typeof backendChoices)[number];

/**
 * `auto` is kvm where this machine has arm64 KVM, else the interpreter, of which `tell` is told in one sentence.
 * @param host what the interpreter pretends to be: a name of `hosts`, or a JSON file
 * @param seed makes guests run the same each time, which only the interpreter does
 * Throws RequestError for a backend that is not there.
 */
export function chooseBackend(
  choice: BackendChoice,
  host?: string,
  tell: (sentence: string) => void = () => {},
  seed?: number,
): Backend {
  if (host !== undefined && choice !== "interpreter") {
    throw new RequestError(
      "host",
      "--host says what the interpreter pretends to be; give --backend interpreter with it",
    );
  }
  if (choice === "interpreter") return interpreterBackend(findHost(host ?? defaultHost), seed);
  if (choice === "kvm" && seed !== undefined) {
    throw new RequestError(
      "deterministic",
      "KVM runs a guest by the host's clock; --deterministic needs --backend interpreter",
    );
  }
  if (choice === "kvm") return linuxBackend();
  const backend = seed === undefined ? kvmOrWhyNot() : "only there can a guest run the same each time";
  if (typeof backend !== "string") return backend;
  tell(`the interpreter takes its place, as the host "${defaultHost}": ${backend}`);
  return interpreterBackend(findHost(defaultHost), seed);
}

function kvmOrWhyNot(): Backend | string {
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    return "/dev/kvm needs --allow-ffi, which was not given";
  }
  try {
    const backend = linuxBackend();
    Kvm.open(backend).close();
    return backend;
  } catch (error) {
    if (error instanceof RequestError) return error.message;
    throw error;
  }
}
