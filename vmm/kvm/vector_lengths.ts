// Sets of SVE vector lengths: ascending lists of lengths in bits, and the words of KVM_REG_ARM64_SVE_VLS
// (KVM document, "4.68 KVM_SET_ONE_REG": bit vq - 1 stands for a length of vq × 128 bits).

/** A vector length in bits is a multiple of this (Arm DDI 0487, "SVE vector length"). */
export const quadword = 128;
/** The architecture's longest vector, in bits. */
export const longest = 2048;

/** KVM_ARM64_SVE_VLS_WORDS: room for the 512 quadwords that the kernel's interface can express. */
const words = 8;

/** The lengths in bits that these 64 bytes of KVM_REG_ARM64_SVE_VLS name, ascending. */
export function lengthsOfVls(vls: Uint8Array): number[] {
  const lengths: number[] = [];
  for (let bit = 0; bit < 64 * words; bit++) {
    if (vls[bit >> 3]! >> (bit & 7) & 1) lengths.push((bit + 1) * quadword);
  }
  return lengths;
}

/** The 64 bytes of KVM_REG_ARM64_SVE_VLS that name these lengths in bits. */
export function vlsOfLengths(lengths: readonly number[]): Uint8Array<ArrayBuffer> {
  const vls = new Uint8Array(new ArrayBuffer(8 * words));
  for (const length of lengths) {
    const bit = length / quadword - 1;
    vls[bit >> 3]! |= 1 << (bit & 7);
  }
  return vls;
}

/**
 * Every set that a host with these lengths accepts, shortest first. A vcpu's set must equal the host's up to
 * the vcpu's own maximum: software at EL1 can always select a shorter length, so the hardware's shorter
 * lengths cannot be hidden.
 */
export function acceptableSets(host: readonly number[]): number[][] {
  return host.map((_, index) => host.slice(0, index + 1));
}

/** `{128, 256} bits`, or `none`. */
export function formatLengths(lengths: readonly number[]): string {
  return lengths.length ? `{${lengths.join(", ")}} bits` : "none";
}

export function sameLengths(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, index) => length === b[index]);
}
