// A GICv3's registers as attributes, by which a monitor saves and restores it (kernel document "ARM Virtual
// Generic Interrupt Controller v3 and later", KVM_DEV_ARM_VGIC_GRP_DIST_REGS, _REDIST_REGS, _CPU_SYSREGS).

import { errno } from "../../kvm/errno.ts";
import { giveU32, giveU64, takeU32, takeU64 } from "../attributes.ts";
import type { Bytes } from "../calls.ts";
import { Distributor } from "./distributor.ts";
import type { GicModel, IccName } from "./gic_model.ts";
import { Redistributor } from "./redistributor.ts";

export const DIST_REGS = 1, REDIST_REGS = 5, CPU_SYSREGS = 6;

/** Op0, Op1, CRn, CRm and Op2 as the attribute has them; those with no name are for more priority bits. */
const systemRegisters = new Map<number, IccName | undefined>([
  [0xc230, "ICC_PMR_EL1"],
  [0xc643, "ICC_BPR0_EL1"],
  [0xc644, "ICC_AP0R0_EL1"],
  [0xc645, undefined],
  [0xc646, undefined],
  [0xc647, undefined],
  [0xc648, "ICC_AP1R0_EL1"],
  [0xc649, undefined],
  [0xc64a, undefined],
  [0xc64b, undefined],
  [0xc663, "ICC_BPR1_EL1"],
  [0xc664, "ICC_CTLR_EL1"],
  [0xc665, "ICC_SRE_EL1"],
  [0xc666, "ICC_IGRPEN0_EL1"],
  [0xc667, "ICC_IGRPEN1_EL1"],
]);

/** ICC_CTLR_EL1: what a host can have more of than another, and what must be alike. */
const PRIbits = 7 << 8, IDbits = 7 << 11, SEIS = 1 << 14, A3V = 1 << 15;

const offsetOf = (attr: bigint) => Number(attr & 0xffff_ffffn);

/** Whether there is such a register: 0, or minus the error number. */
export function checkRegister(group: number, attr: bigint, interrupts: number): number {
  const offset = offsetOf(attr);
  const isThere = group === DIST_REGS
    ? Distributor.has(offset, interrupts)
    : group === REDIST_REGS
    ? Redistributor.has(offset)
    : systemRegisters.has(offset);
  return isThere ? 0 : -errno.ENXIO;
}

export function getRegister(
  model: GicModel,
  group: number,
  attr: bigint,
  vcpu: number,
  room?: Bytes,
): number {
  const offset = offsetOf(attr);
  if (group === DIST_REGS) return giveU32(room, model.saveDistributor(offset));
  if (group === REDIST_REGS) return giveU32(room, model.saveRedistributor(vcpu, offset));
  const name = systemRegisters.get(offset);
  return name ? giveU64(room, BigInt(model.readIcc(vcpu, name))) : -errno.EINVAL;
}

export function setRegister(
  model: GicModel,
  group: number,
  attr: bigint,
  vcpu: number,
  value?: Bytes,
): number {
  const offset = offsetOf(attr);
  if (group === DIST_REGS) {
    return takeU32(value, (word) => model.restoreDistributor(offset, word) ? 0 : -errno.EINVAL);
  }
  if (group === REDIST_REGS) {
    return takeU32(value, (word) => {
      model.restoreRedistributor(vcpu, offset, word);
      return 0;
    });
  }
  return takeU64(value, (word) => setSystemRegister(model, vcpu, systemRegisters.get(offset), Number(word)));
}

function setSystemRegister(model: GicModel, vcpu: number, name: IccName | undefined, value: number): number {
  if (!name || !fits(name, value, model.readIcc(vcpu, name))) return -errno.EINVAL;
  model.writeIcc(vcpu, name, value);
  return 0;
}

/** Whether this host's interface can be what the value says. */
function fits(name: IccName, value: number, ours: number): boolean {
  if (name === "ICC_SRE_EL1") return value === ours;
  if (name !== "ICC_CTLR_EL1") return true;
  const isSmaller = [PRIbits, IDbits].every((field) => (value & field) <= (ours & field));
  return isSmaller && ((value ^ ours) & (SEIS | A3V)) === 0;
}
