// What a backend can run of what its vcpus can be given. KVM runs it all; the interpreter negotiates as a
// kernel does, but a guest must not be told of what it does not execute.

import type { Backend } from "../kvm/backend.ts";
import type { Gic } from "../kvm/host_offer.ts";
import { RequestError } from "../kvm/request_error.ts";

/** Throws RequestError for an interrupt controller that the backend has in name only. */
export function checkRunnableGic(backend: Backend, version: Gic) {
  if (backend.name === "kvm" || version === "v3") return;
  throw new RequestError("host", "the interpreter runs guests with a GICv3 only; choose a host that has one");
}

/** Throws RequestError where the backend cannot give the guest's vcpus memory and take it back while they run. */
export function checkRunnableFlash(backend: Backend, cpus: number) {
  if (backend.name === "kvm" || cpus === 1) return;
  throw new RequestError("cpus", "in the interpreter firmware runs on one vcpu only, yet; give --cpus 1");
}
