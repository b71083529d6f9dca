// A vcpu's scalable vectors: the set of lengths it has, and Z, P and FFR once that set is final (KVM
// document, "4.68 KVM_SET_ONE_REG" and "4.82 KVM_ARM_VCPU_INIT").

import { errno } from "../../kvm/errno.ts";
import {
  KVM_REG_ARM64_SVE_VLS,
  type RegisterId,
  registerSize,
  sveFfr,
  sveP,
  sveZ,
} from "../../kvm/register_id.ts";
import { acceptableSets, longest, quadword, sameLengths } from "../../kvm/vector_lengths.ts";
import type { CpuState } from "../a64/cpu_state.ts";
import { cpuWord, predicateAt, vectorAt } from "../a64/cpu_layout.ts";
import type { RegisterFamily } from "./family.ts";

const slices = 32;
const zRegisters = Array.from({ length: 32 }, (_, n) => sveZ(n));
const predicates = [...Array.from({ length: 16 }, (_, n) => sveP(n)), sveFfr()];
/** Of each slice 0, where the register lies in the vcpu's state. */
const places = new Map<bigint, number>([
  ...zRegisters.map((id, n) => [id, vectorAt(n)] as const),
  ...predicates.map((id, n) => [id, predicateAt(n)] as const),
]);
const sliceField = BigInt(slices - 1);

export class SveRegisters implements RegisterFamily {
  /** In bits, ascending. */
  #lengths: readonly number[];
  #isFinal = false;

  /** @param hostLengths empty for a vcpu without SVE */
  constructor(readonly state: CpuState, readonly hostLengths: readonly number[]) {
    this.#lengths = hostLengths;
  }

  get needsFinalizing(): boolean {
    return this.hostLengths.length > 0 && !this.#isFinal;
  }

  /** KVM_ARM_VCPU_FINALIZE. */
  finalize(): number {
    if (this.hostLengths.length === 0) return -errno.EINVAL;
    if (this.#isFinal) return -errno.EPERM;
    this.#isFinal = true;
    return 0;
  }

  /** KVM_ARM_VCPU_INIT again: what is final stays. */
  reset() {
    for (const id of places.keys()) this.#write(id as RegisterId, 0n);
    if (!this.#isFinal) this.#lengths = this.hostLengths;
  }

  list(): RegisterId[] {
    return this.hostLengths.length ? [KVM_REG_ARM64_SVE_VLS, ...zRegisters, ...predicates] : [];
  }

  get(id: RegisterId): bigint | number {
    if (id === KVM_REG_ARM64_SVE_VLS) return this.hostLengths.length ? this.#vls() : -errno.ENOENT;
    const refusal = this.#refusal(id);
    return refusal ? -refusal : this.#read(id);
  }

  set(id: RegisterId, value: bigint): number {
    if (id === KVM_REG_ARM64_SVE_VLS) return this.#setLengths(value);
    const refusal = this.#refusal(id);
    if (refusal) return -refusal;
    this.#write(id, value & this.#kept(id));
    return 0;
  }

  /** The vector lengths the vcpu has, in bits, ascending; none without SVE. */
  get lengths(): readonly number[] {
    return this.#lengths;
  }

  #read(id: RegisterId): bigint {
    let value = 0n;
    for (let at = registerSize(id) - 4; at >= 0; at -= 4) {
      value = value << 32n | BigInt(this.state.u32(places.get(id)! + at));
    }
    return value;
  }

  #write(id: RegisterId, value: bigint) {
    if (value !== 0n) this.state.setU32(cpuWord.upperInUse, 1);
    for (let at = 0; at < registerSize(id); at += 4) {
      this.state.setU32(places.get(id)! + at, Number(value >> BigInt(8 * at) & 0xffff_ffffn));
    }
  }

  #refusal(id: RegisterId): number | undefined {
    const isSlice = places.has(id & ~sliceField);
    if (!isSlice) return errno.EINVAL;
    if (this.hostLengths.length === 0 || !places.has(id)) return errno.ENOENT;
    return this.#isFinal ? undefined : errno.EPERM;
  }

  /** As many bits as the vcpu's longest vector has, or an eighth of them for a predicate. */
  #kept(id: RegisterId): bigint {
    const own = this.#lengths.at(-1)!;
    return (1n << BigInt(8 * registerSize(id) * own / longest)) - 1n;
  }

  #vls(): bigint {
    return this.#lengths.reduce((bits, length) => bits | 1n << BigInt(length / quadword - 1), 0n);
  }

  #setLengths(vls: bigint): number {
    if (this.hostLengths.length === 0) return -errno.ENOENT;
    if (this.#isFinal) return -errno.EPERM;
    const words = vls.toString(2);
    const lengths = Array.from(words).reverse().flatMap((bit, n) => bit === "1" ? [(n + 1) * quadword] : []);
    if (!acceptableSets(this.hostLengths).some((set) => sameLengths(set, lengths))) return -errno.EINVAL;
    this.#lengths = lengths;
    return 0;
  }
}
