// What the interpreter executes of what ID registers can say, and how guests are told no more than that (Arm DDI
// 0487, "AArch64 System register descriptions"). KVM's answers are recorded ones, of hosts that execute it all; so
// a machine lowers the fields as any monitor may, before its vcpus run.

import type { Backend } from "../kvm/backend.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import { registerNamed } from "../kvm/register_id.ts";
import { RequestError } from "../kvm/request_error.ts";
import type { Vcpu } from "../kvm/vcpu.ts";

/** A field's lowest bit and the highest value of which everything is executed; 15 is "any". */
type Field = readonly [shift: number, most: number];
export type ExecutedFields = Readonly<Record<string, Field>>;

const any = 15;

/** What is not named here, is not executed. */
export const executedFields: Readonly<Record<string, ExecutedFields>> = {
  ID_AA64PFR0_EL1: {
    // AArch64 alone; there is an EL2 or an EL3 behind HVC and SMC, which guests do not see into.
    EL0: [0, 1],
    EL1: [4, 1],
    EL2: [8, 1],
    EL3: [12, 1],
    FP: [16, 1],
    AdvSIMD: [20, 1],
    GIC: [24, 1],
    // There are no error records.
    RAS: [28, 2],
    SVE: [32, 1],
    DIT: [48, 1],
    // Nothing is speculated.
    CSV2: [56, 3],
    CSV3: [60, 1],
  },
  ID_AA64PFR1_EL1: { BT: [0, 1], SSBS: [4, 2], CSV2_frac: [32, 2] },
  ID_AA64ZFR0_EL1: {
    SVEver: [0, 1],
    AES: [4, 2],
    BitPerm: [16, 1],
    BF16: [20, 1],
    SHA3: [32, 1],
    SM4: [40, 1],
    I8MM: [44, 1],
    F32MM: [52, 1],
    F64MM: [56, 1],
  },
  ID_AA64DFR0_EL1: {
    DebugVer: [0, 9],
    PMUVer: [8, 6],
    BRPs: [12, any],
    WRPs: [20, any],
    CTX_CMPs: [28, any],
    // OSDLR_EL1 locks nothing.
    DoubleLock: [36, any],
  },
  ID_AA64ISAR0_EL1: {
    AES: [4, 2],
    SHA1: [8, 1],
    SHA2: [12, 2],
    CRC32: [16, 1],
    Atomic: [20, 2],
    RDM: [28, 1],
    SHA3: [32, 1],
    SM3: [36, 1],
    SM4: [40, 1],
    DP: [44, 1],
    FHM: [48, 1],
    TS: [52, 2],
    TLB: [56, 2],
    RNDR: [60, 1],
  },
  ID_AA64ISAR1_EL1: {
    DPB: [0, 2],
    APA: [4, 5],
    API: [8, 5],
    JSCVT: [12, 1],
    FCMA: [16, 1],
    LRCPC: [20, 2],
    GPA: [24, 1],
    GPI: [28, 1],
    FRINTTS: [32, 1],
    SB: [36, 1],
    SPECRES: [40, 1],
    BF16: [44, 1],
    DGH: [48, 1],
    I8MM: [52, 1],
  },
  ID_AA64ISAR2_EL1: { WFxT: [0, 2], GPA3: [8, 1], APA3: [12, 5] },
  ID_AA64MMFR0_EL1: {
    PARange: [0, 6],
    ASIDBits: [4, 2],
    // Of the Secure state, where no guest is.
    SNSMem: [12, 1],
    TGran16: [20, 2],
    TGran64: [24, 0],
    TGran4: [28, 1],
    // Of stage 2, which is not a guest's.
    TGran16_2: [32, any],
    TGran64_2: [36, any],
    TGran4_2: [40, any],
  },
  ID_AA64MMFR1_EL1: {
    HAFDBS: [0, 2],
    // Of EL2: VMIDBits, VH, XNX, TWED, HCX.
    VMIDBits: [4, any],
    VH: [8, any],
    HPDS: [12, 2],
    LO: [16, 1],
    PAN: [20, 3],
    // No SError is speculative.
    SpecSEI: [24, 1],
    XNX: [28, any],
    TWED: [32, any],
    ETS: [36, 1],
    HCX: [40, any],
    AFP: [44, 1],
  },
  ID_AA64MMFR2_EL1: {
    CnP: [0, 1],
    UAO: [4, 1],
    // With no RAS errors to synchronise.
    IESB: [12, 1],
    VARange: [16, 1],
    ST: [28, 1],
    AT: [32, 1],
    IDS: [36, 1],
    // Of EL2.
    FWB: [40, any],
    TTL: [48, 1],
    BBM: [52, 2],
    EVT: [56, any],
    E0PD: [60, 1],
  },
};

/** Without AArch32 these tell of nothing: AArch32's own, and the MVFRs. */
export const isOfAArch32 = (register: string): boolean => /^(ID_(?!AA64)|MVFR)/.test(register);

/** Fields whose 15 is -1, "none": TGran64, TGran4 and DoubleLock. */
const signed: Readonly<Record<string, readonly number[]>> = {
  ID_AA64MMFR0_EL1: [24, 28],
  ID_AA64DFR0_EL1: [36],
};

/** What is shown in place of a field's value. */
function lowered(register: string, shift: number, value: number): number {
  if (register === "ID_AA64DFR0_EL1" && shift === 36) return any;
  const most = Object.values(executedFields[register]!).find(([at]) => at === shift)?.[1] ?? 0;
  const isNone = value === any && (signed[register]?.includes(shift) ?? false);
  return isNone ? value : Math.min(value, most);
}

/** A register's value with nothing in it that is not executed. */
export function executedOf(register: string, value: bigint): bigint {
  let shown = 0n;
  for (let shift = 0; shift < 64; shift += 4) {
    const field = Number(value >> BigInt(shift) & 0xfn);
    shown |= BigInt(lowered(register, shift, field)) << BigInt(shift);
  }
  return shown;
}

/**
 * Lowers what guests are told to what is executed. Before the first KVM_RUN; as ID registers are the VM's, one vcpu
 * is enough. Throws RequestError for a host of whose fields one cannot be lowered.
 */
export function tellWhatIsExecuted(backend: Backend, vcpu: Vcpu) {
  if (backend.name === "kvm") return;
  for (const register of Object.keys(executedFields)) {
    const id = registerNamed(register);
    const value = vcpu.getRegister(id), shown = executedOf(register, value);
    if (shown !== value) lower(vcpu, register, value, shown);
  }
}

function lower(vcpu: Vcpu, register: string, value: bigint, shown: bigint) {
  try {
    vcpu.setRegister(registerNamed(register), shown);
  } catch (error) {
    if (!(error instanceof KvmError)) throw error;
    throw new RequestError(
      "host",
      `the interpreter executes no more than ${register} 0x${shown.toString(16)}, and this host has ` +
        `0x${
          value.toString(16)
        }, in a field that KVM lets no monitor lower; give it the former in idRegisters`,
    );
  }
}
