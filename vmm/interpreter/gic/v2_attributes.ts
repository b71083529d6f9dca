// A GICv2's registers as attributes, by which a monitor saves and restores it (kernel document "ARM Virtual Generic
// Interrupt Controller v2", KVM_DEV_ARM_VGIC_GRP_DIST_REGS and _CPU_REGS).

import { errno } from "../../kvm/errno.ts";
import { giveU32, takeU32 } from "../attributes.ts";
import type { Bytes } from "../calls.ts";
import type { GicV2Model } from "./v2_model.ts";
import { hasV2Interface } from "./v2_cpu_interface.ts";
import { hasV2Distributor, isWithin } from "./v2_distributor.ts";

export const DIST_REGS = 1, CPU_REGS = 2;

const offsetOf = (attr: bigint) => Number(attr & 0xffff_ffffn);

/** Whether there is such a register: 0, or minus the error number. */
export function checkV2Register(group: number, attr: bigint): number {
  const has = group === DIST_REGS ? hasV2Distributor : hasV2Interface;
  return has(offsetOf(attr)) ? 0 : -errno.ENXIO;
}

export function getV2Register(
  model: GicV2Model,
  group: number,
  attr: bigint,
  vcpu: number,
  room?: Bytes,
): number {
  const offset = offsetOf(attr);
  if (group !== DIST_REGS) return giveU32(room, model.saveInterface(vcpu, offset));
  return isWithin(offset, model.state.interrupts)
    ? giveU32(room, model.saveDistributor(vcpu, offset))
    : -errno.ENXIO;
}

export function setV2Register(
  model: GicV2Model,
  group: number,
  attr: bigint,
  vcpu: number,
  value?: Bytes,
): number {
  const offset = offsetOf(attr);
  return takeU32(value, (word) => {
    if (group !== DIST_REGS) {
      model.restoreInterface(vcpu, offset, word);
      return 0;
    }
    if (!isWithin(offset, model.state.interrupts)) return -errno.ENXIO;
    return model.restoreDistributor(vcpu, offset, word) ? 0 : -errno.EINVAL;
  });
}
