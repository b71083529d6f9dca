// What follows from PSTATE and the control registers for every instruction, kept in the vcpu's state where
// the generated code looks (Arm DDI 0487, "SCTLR_EL1", "CPACR_EL1", "ZCR_EL1").

import type { Cpu } from "./cpu.ts";
import { cpuWord, predicateAt, vectorAt } from "./cpu_layout.ts";
import { refreshPointerCode } from "./instructions/pointer_code.ts";
import { refreshRegime } from "./mmu_regime.ts";
import { isAtEl0 } from "./pstate.ts";
import { selectTlb } from "./tlb.ts";

/** SCTLR_EL1.SA and SA0: alignment of SP is checked at EL1 and at EL0. */
const SA = 1n << 3n, SA0 = 1n << 4n;
/** CPACR_EL1: log2 of the first bit of FPEN and of ZEN. */
const FPEN = 20n, ZEN = 16n;
/** Values of both fields: EL0 and EL1 trap, only EL0 does; 2 is as 0. */
const trapsEl0 = 1n, trapsNone = 3n;
const LEN = 0xfn;
const quadwordBits = 128, byteBits = 8;
const leastVectorBytes = 16;
/** P0 to P15 and FFR. */
const predicates = 17;
const spIsMisaligned = 15n;

/** The exception classes of the traps. */
export const trapClass = { fp: 0x07, sve: 0x19 } as const;

/** What changes with the exception level, for EL0 and for EL1. */
interface Level {
  readonly spAlignment: bigint;
  readonly fpTrap: number;
  readonly sveTrap: number;
}

interface Context {
  readonly el0: Level;
  readonly el1: Level;
}

const contexts = new WeakMap<Cpu, Context>();

/**
 * After a change of SCTLR_EL1, CPACR_EL1, ZCR_EL1, TCR_EL1, MAIR_EL1, TTBR0_EL1 or TTBR1_EL1, by whomever.
 */
export function contextChanged(cpu: Cpu) {
  refreshRegime(cpu);
  const sctlr = cpu.system("SCTLR_EL1");
  const cpacr = cpu.system("CPACR_EL1");
  contexts.set(cpu, { el0: level(cpacr, sctlr & SA0, true), el1: level(cpacr, sctlr & SA, false) });
  cpu.setU32(cpuWord.vectorLength, vectorLength(cpu));
  refreshPointerCode(cpu);
  cpu.setU64(cpuWord.cacheType, cpu.profile.idRegisters.CTR_EL0 ?? 0n);
  levelChanged(cpu);
}

/**
 * After the guest's write of ZCR_EL1. What a shorter length hides becomes zero: the manual lets it be that, or stay
 * as it was, once the length grows again.
 */
export function vectorLengthChanged(cpu: Cpu) {
  const before = cpu.u32(cpuWord.vectorLength);
  contextChanged(cpu);
  const now = cpu.u32(cpuWord.vectorLength);
  if (now >= before) return;
  const { bytes } = cpu.memory;
  for (let n = 0; n < 32; n++) clear(vectorAt(n), before, now);
  for (let n = 0; n < predicates; n++) clear(predicateAt(n), before / 8, now / 8);

  function clear(register: number, end: number, start: number) {
    bytes.fill(0, cpu.base + register + start, cpu.base + register + end);
  }
}

/** After a change of PSTATE.EL or PSTATE.PAN alone. */
export function levelChanged(cpu: Cpu) {
  const context = contexts.get(cpu);
  if (!context) return contextChanged(cpu);
  const { spAlignment, fpTrap, sveTrap } = isAtEl0(cpu) ? context.el0 : context.el1;
  cpu.setU64(cpuWord.spAlignment, spAlignment);
  cpu.setU32(cpuWord.fpTrap, fpTrap);
  cpu.setU32(cpuWord.sveTrap, sveTrap);
  selectTlb(cpu);
}

function level(cpacr: bigint, checksSp: bigint, isEl0: boolean): Level {
  const traps = (shift: bigint) => {
    const field = cpacr >> shift & 3n;
    return field !== trapsNone && (isEl0 || field !== trapsEl0);
  };
  const fpTrap = traps(FPEN) ? trapClass.fp : 0;
  return {
    spAlignment: checksSp ? spIsMisaligned : 0n,
    fpTrap,
    // Instructions of SVE need both, ZEN before FPEN.
    sveTrap: traps(ZEN) ? trapClass.sve : fpTrap,
  };
}

/** Bytes: the longest that ZCR_EL1.LEN allows of those that there are. */
function vectorLength(cpu: Cpu): number {
  const most = (Number(cpu.system("ZCR_EL1") & LEN) + 1) * quadwordBits;
  const lengths = cpu.profile.vectorLengths.filter((length) => length <= most);
  return lengths.length ? Math.max(...lengths) / byteBits : leastVectorBytes;
}
