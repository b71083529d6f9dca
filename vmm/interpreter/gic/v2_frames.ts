// The guest-physical addresses at which a GICv2's registers answer one vcpu (Arm IHI 0048, "Programmers' model").

import type { GicV2Share } from "../machine_share.ts";
import type { GicV2Model } from "./v2_model.ts";

const distributorSize = 0x1000, interfaceSize = 0x2000;

export class GicV2Frames {
  constructor(readonly model: GicV2Model, readonly share: GicV2Share, readonly vcpu: number) {}

  /** Undefined where none of its registers are. */
  read(address: number, bytes: number): bigint | undefined {
    const { model, share, vcpu } = this;
    const inDistributor = address - share.distributor, inInterface = address - share.cpuInterface;
    if (inDistributor >= 0 && inDistributor < distributorSize) {
      return BigInt(model.distributorRead(vcpu, inDistributor, bytes));
    }
    if (inInterface < 0 || inInterface >= interfaceSize) return undefined;
    return BigInt(model.interfaceRead(vcpu, inInterface, bytes));
  }

  /** Whether one of its registers is there. */
  write(address: number, bytes: number, value: bigint): boolean {
    const { model, share, vcpu } = this;
    const low = Number(BigInt.asUintN(32, value));
    const inDistributor = address - share.distributor, inInterface = address - share.cpuInterface;
    if (inDistributor >= 0 && inDistributor < distributorSize) {
      model.distributorWrite(vcpu, inDistributor, bytes, low);
    } else if (inInterface >= 0 && inInterface < interfaceSize) {
      model.interfaceWrite(vcpu, inInterface, bytes, low);
    } else return false;
    return true;
  }
}
