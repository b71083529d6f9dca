// CCSIDR_EL1 by each value of CSSELR_EL1 (Arm DDI 0487, "CCSIDR_EL1, Current Cache Size ID Register"). KVM
// invents caches of one set and one way, with the host's shortest lines, and CLIDR_EL1 to go with them.

import { errno } from "../../kvm/errno.ts";
import { ccsidr, type RegisterId } from "../../kvm/register_id.ts";
import type { RegisterFamily } from "./family.ts";

const selectors = Array.from({ length: 14 }, (_, csselr) => ccsidr(csselr));
const everySelector = new Set<bigint>(selectors);
const instructionCache = 1n;
const RES0 = 0xf000_0000n;

/** Fields of CTR_EL0: log2 of the words in the shortest line, and whether caches need no cleaning. */
const IminLine = (ctr: bigint) => ctr & 0xfn;
const DminLine = (ctr: bigint) => ctr >> 16n & 0xfn;
const IDC = 1n << 28n;
const DIC = 1n << 29n;

/** Of CCSIDR_EL1.LineSize: log2 of the words in a line, less 2. */
const lineSize = (id: RegisterId, ctr: bigint) =>
  (id & instructionCache ? IminLine(ctr) : DminLine(ctr)) - 2n;

export class CacheSizes implements RegisterFamily {
  /** By selector, 64 bits each: for the guest too, on whatever thread. */
  readonly shared = new SharedArrayBuffer(8 * selectors.length);
  readonly #values = new BigUint64Array(this.shared);

  /** @param ctr CTR_EL0 of the host */
  constructor(readonly ctr: bigint) {
    selectors.forEach((id, index) => this.#values[index] = lineSize(id, ctr));
  }

  list(): RegisterId[] {
    return selectors;
  }

  get(id: RegisterId): bigint | number {
    if (!everySelector.has(id)) return -errno.ENOENT;
    return this.#values[selectors.indexOf(id)]!;
  }

  set(id: RegisterId, value: bigint): number {
    if (!everySelector.has(id)) return -errno.ENOENT;
    if (value & RES0 || (value & 7n) < lineSize(id, this.ctr)) return -errno.EINVAL;
    this.#values[selectors.indexOf(id)] = value;
    return 0;
  }
}

const cacheType = { instruction: 1n, data: 2n, unified: 4n };
const LoUIS = 21n, LoC = 24n, LoUU = 27n;

/** CLIDR_EL1 as KVM makes it up: as few levels as CTR_EL0 lets be, cleaned no further than it asks for. */
export function inventedClidr(ctr: bigint): bigint {
  const firstLevel = ctr & DIC ? 0n : cacheType.instruction;
  if (!(ctr & IDC)) return 1n << LoUU | 1n << LoUIS | 1n << LoC | cacheType.data | firstLevel;
  const level = ctr & DIC ? 1n : 2n;
  return level << LoC | cacheType.unified << 3n * (level - 1n) | firstLevel;
}
