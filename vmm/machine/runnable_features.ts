// What a backend can run of what its vcpus can be given. KVM runs it all; the interpreter negotiates as a
// kernel does, but a guest must not be told of what it does not execute.

import type { Backend } from "../kvm/backend.ts";
import type { Gic } from "../kvm/host_offer.ts";
import { registerNamed } from "../kvm/register_id.ts";
import { RequestError } from "../kvm/request_error.ts";
import type { Vcpu } from "../kvm/vcpu.ts";

/** Of ID_AA64ZFR0_EL1, all of SVE2: SVEver, AES, BitPerm, SHA3, SM4 (Arm DDI 0487, "ID_AA64ZFR0_EL1"). */
const sve2Fields = 0x0000_0f0f_000f_00ffn;

/**
 * Shows guests the SVE that is executed: the interpreter has none of SVE2 yet. Before the first KVM_RUN; as ID
 * registers are the VM's, one vcpu with SVE is enough. Throws KvmError.
 */
export function hideSve2(backend: Backend, vcpu: Vcpu) {
  if (backend.name === "kvm") return;
  const id = registerNamed("ID_AA64ZFR0_EL1");
  vcpu.setRegister(id, vcpu.getRegister(id) & ~sve2Fields);
}

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
