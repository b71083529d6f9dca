// Where the parts of a VM's interrupt controller lie (kernel documents "ARM Virtual Generic Interrupt
// Controller v2" and "v3 and later", KVM_DEV_ARM_VGIC_GRP_ADDR).

import { errno } from "../../kvm/errno.ts";

/** An address that was not set reads as this. */
export const unset = (1n << 64n) - 1n;

const redistributorSize = 0x2_0000n;
const redistributorAlign = 0x1_0000n;

/** Whether a part may be placed there: 0, or minus the error number. */
export function checkPlace(
  ipaBits: number,
  before: bigint,
  address: bigint,
  align: bigint,
  size: bigint,
): number {
  if (before !== unset) return -errno.EEXIST;
  if (address % align || size % align || address + size > unset) return -errno.EINVAL;
  return address + size > 1n << BigInt(ipaBits) || address >> BigInt(ipaBits) ? -errno.E2BIG : 0;
}

/** One part that has an address of its own. */
export class Part {
  address = unset;

  constructor(readonly ipaBits: number, readonly align: bigint, readonly size: bigint) {}

  place(address: bigint): number {
    const refusal = checkPlace(this.ipaBits, this.address, address, this.align, this.size);
    if (refusal === 0) this.address = address;
    return refusal;
  }
}

interface Region {
  readonly base: bigint;
  /** Redistributors; 0 for the single region, which has as many as there are vcpus. */
  readonly count: number;
}

/** A vcpu's redistributor: two frames of 64 KiB. */
export interface RedistributorFrames {
  readonly vcpu: number;
  readonly base: bigint;
  /** Whether it is the last of its region, which is how a guest knows where to stop looking. */
  readonly isLast: boolean;
}

/** The redistributors of a GICv3, in one region of all or in several that are given in order. */
export class RedistributorRegions {
  readonly #regions: Region[] = [];

  constructor(readonly ipaBits: number, readonly distributor: Part) {}

  /** The base of the first region. */
  get base(): bigint {
    return this.#regions[0]?.base ?? unset;
  }

  at(index: number): Region | undefined {
    return this.#regions[index];
  }

  /** Whether every one of so many vcpus has a redistributor. */
  hold(vcpus: number): boolean {
    if (vcpus === 0) return true;
    return this.#regions[0]?.count === 0 || this.#regions.reduce((sum, { count }) => sum + count, 0) >= vcpus;
  }

  /** Where these vcpus, in the order they were made, have their redistributors, as far as there is room. */
  frames(vcpus: readonly number[]): RedistributorFrames[] {
    const left = [...vcpus];
    return this.#regions.flatMap(({ base, count }) => {
      const here = left.splice(0, count || left.length);
      return here.map((vcpu, n) => ({
        vcpu,
        base: base + BigInt(n) * redistributorSize,
        isLast: n === here.length - 1,
      }));
    });
  }

  add(index: number, base: bigint, count: number, vcpus: number): number {
    const size = BigInt(count || vcpus) * redistributorSize;
    if (base + size > unset || this.#isOutOfTurn(index, count)) return -errno.EINVAL;
    if (count === 0 && this.#regions.length) return -errno.EEXIST;
    if (this.#overlaps(base, size, count, vcpus)) return -errno.EINVAL;
    const refusal = checkPlace(this.ipaBits, unset, base, redistributorAlign, size);
    if (refusal === 0) this.#regions.push({ base, count });
    return refusal;
  }

  #isOutOfTurn(index: number, count: number): boolean {
    const last = this.#regions.at(-1);
    if (!last) return index !== 0;
    return count === 0 ? last.count !== 0 : index !== this.#regions.length;
  }

  #overlaps(base: bigint, size: bigint, count: number, vcpus: number): boolean {
    const taken = this.#regions.map((other) => ({
      base: other.base,
      size: BigInt(other.count || vcpus) * redistributorSize,
    }));
    const { address } = this.distributor;
    if (count === 0 && address !== unset) taken.push({ base: address, size: this.distributor.size });
    return taken.some((other) => base < other.base + other.size && other.base < base + size);
  }
}
