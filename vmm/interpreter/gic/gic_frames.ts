// The guest-physical addresses at which a GICv3's registers answer (Arm IHI 0069, "GIC register descriptions").

import type { GicV3Share } from "../machine_share.ts";
import type { GicModel } from "./gic_model.ts";

const distributorSize = 0x1_0000, redistributorSize = 0x2_0000;

export class GicFrames {
  constructor(readonly model: GicModel, readonly share: GicV3Share) {}

  /** Undefined where none of its registers are. */
  read(address: number, bytes: number): bigint | undefined {
    const inDistributor = address - this.share.distributor;
    if (inDistributor >= 0 && inDistributor < distributorSize) {
      return this.#whole(this.model.distributorRead(inDistributor, bytes));
    }
    const vcpu = this.#redistributorOf(address);
    if (vcpu < 0) return undefined;
    const offset = address - this.share.redistributors[vcpu]!;
    return this.#whole(this.model.redistributorRead(vcpu, offset, bytes));
  }

  #whole(low: number): bigint {
    return BigInt(this.model.high >>> 0) << 32n | BigInt(low);
  }

  /** Whether one of its registers is there. */
  write(address: number, bytes: number, value: bigint): boolean {
    const low = Number(BigInt.asUintN(32, value));
    const inDistributor = address - this.share.distributor;
    if (inDistributor >= 0 && inDistributor < distributorSize) {
      this.model.distributorWrite(inDistributor, bytes, low);
      return true;
    }
    const vcpu = this.#redistributorOf(address);
    if (vcpu < 0) return false;
    this.model.redistributorWrite(vcpu, address - this.share.redistributors[vcpu]!, bytes, low);
    return true;
  }

  #redistributorOf(address: number): number {
    return this.share.redistributors.findIndex((base) =>
      base >= 0 && address >= base && address < base + redistributorSize
    );
  }
}
