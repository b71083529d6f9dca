// What the interpreter executes of what ID registers can say, and how guests are told no more than that (Arm DDI
// 0487, "AArch64 System register descriptions"). KVM's answers are recorded ones, of hosts that execute it all; so
// a machine lowers the fields as any monitor may, before its vcpus run.

import type { Backend } from "../kvm/backend.ts";
import { fieldsOfIdRegister, numberOf, readField, writeField } from "../kvm/id_register_fields.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import { registerNamed } from "../kvm/register_id.ts";
import { RequestError } from "../kvm/request_error.ts";
import type { Vcpu } from "../kvm/vcpu.ts";

/** By field, the highest value of which everything is executed. */
export type ExecutedFields = Readonly<Record<string, number>>;

const any = 15;
/** Of signed fields. */
const none = -1;

/** What is not named here, is not executed. */
export const executedFields: Readonly<Record<string, ExecutedFields>> = {
  ID_AA64PFR0_EL1: {
    // AArch64 alone; there is an EL2 or an EL3 behind HVC and SMC, which guests do not see into.
    EL0: 1,
    EL1: 1,
    EL2: 1,
    EL3: 1,
    FP: 1,
    AdvSIMD: 1,
    GIC: 1,
    // There are no error records.
    RAS: 2,
    SVE: 1,
    DIT: 1,
    // Nothing is speculated.
    CSV2: 3,
    CSV3: 1,
  },
  ID_AA64PFR1_EL1: { BT: 1, SSBS: 2, CSV2_frac: 2 },
  ID_AA64ZFR0_EL1: {
    SVEver: 1,
    AES: 2,
    BitPerm: 1,
    BF16: 1,
    SHA3: 1,
    SM4: 1,
    I8MM: 1,
    F32MM: 1,
    F64MM: 1,
  },
  ID_AA64DFR0_EL1: {
    DebugVer: 9,
    PMUVer: 6,
    BRPs: any,
    WRPs: any,
    CTX_CMPs: any,
    // OSDLR_EL1 locks nothing.
    DoubleLock: none,
  },
  ID_AA64ISAR0_EL1: {
    AES: 2,
    SHA1: 1,
    SHA2: 2,
    CRC32: 1,
    Atomic: 2,
    RDM: 1,
    SHA3: 1,
    SM3: 1,
    SM4: 1,
    DP: 1,
    FHM: 1,
    TS: 2,
    TLB: 2,
    RNDR: 1,
  },
  ID_AA64ISAR1_EL1: {
    DPB: 2,
    APA: 5,
    API: 5,
    JSCVT: 1,
    FCMA: 1,
    LRCPC: 2,
    GPA: 1,
    GPI: 1,
    FRINTTS: 1,
    SB: 1,
    SPECRES: 1,
    BF16: 1,
    DGH: 1,
    I8MM: 1,
  },
  ID_AA64ISAR2_EL1: { WFxT: 2, GPA3: 1, APA3: 5 },
  ID_AA64MMFR0_EL1: {
    PARange: 6,
    ASIDBits: 2,
    // Of the Secure state, where no guest is.
    SNSMem: 1,
    TGran16: 2,
    TGran64: 0,
    TGran4: 1,
    // Of stage 2, which is not a guest's.
    TGran16_2: any,
    TGran64_2: any,
    TGran4_2: any,
  },
  ID_AA64MMFR1_EL1: {
    HAFDBS: 2,
    // Of EL2: VMIDBits, VH, XNX, TWED, HCX.
    VMIDBits: any,
    VH: any,
    HPDS: 2,
    LO: 1,
    PAN: 3,
    // No SError is speculative.
    SpecSEI: 1,
    XNX: any,
    TWED: any,
    ETS: 1,
    HCX: any,
    AFP: 1,
  },
  ID_AA64MMFR2_EL1: {
    CnP: 1,
    UAO: 1,
    // With no RAS errors to synchronise.
    IESB: 1,
    VARange: 1,
    ST: 1,
    AT: 1,
    IDS: 1,
    // Of EL2.
    FWB: any,
    TTL: 1,
    BBM: 2,
    EVT: any,
    E0PD: 1,
  },
};

/** Without AArch32 these tell of nothing: AArch32's own, and the MVFRs. */
export const isOfAArch32 = (register: string): boolean => /^(ID_(?!AA64)|MVFR)/.test(register);

/** A register's value with nothing in it that is not executed. */
export function executedOf(register: string, value: bigint): bigint {
  return fieldsOfIdRegister(register).reduce((shown, field) => {
    const most = executedFields[register]?.[field.name] ?? 0;
    return writeField(shown, field, Math.min(numberOf(field, readField(value, field)), most));
  }, 0n);
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
