// PSCI 0.1 to 1.1 as Linux's KVM serves it (Arm DEN 0022, "PSCI functions"). The vcpus know nothing of power:
// a suspended one waits for an interrupt, one that is off does not run.

import {
  type Arguments,
  type HypercallHost,
  INVALID_PARAMETERS,
  NOT_SUPPORTED,
  type Outcome,
  returns,
  SUCCESS,
  type SystemEvent,
} from "./hypercall.ts";

/** Function numbers of 32 bits; those that take addresses exist with bit 30 too, for 64. */
export const psciFunctions = {
  PSCI_VERSION: 0x8400_0000,
  CPU_SUSPEND: 0x8400_0001,
  CPU_OFF: 0x8400_0002,
  CPU_ON: 0x8400_0003,
  AFFINITY_INFO: 0x8400_0004,
  MIGRATE_INFO_TYPE: 0x8400_0006,
  SYSTEM_OFF: 0x8400_0008,
  SYSTEM_RESET: 0x8400_0009,
  PSCI_FEATURES: 0x8400_000a,
  SYSTEM_SUSPEND: 0x8400_000e,
  SYSTEM_RESET2: 0x8400_0012,
} as const;
const { PSCI_VERSION, CPU_SUSPEND, CPU_OFF, CPU_ON, AFFINITY_INFO, MIGRATE_INFO_TYPE } = psciFunctions;
const { SYSTEM_OFF, SYSTEM_RESET, PSCI_FEATURES, SYSTEM_SUSPEND, SYSTEM_RESET2 } = psciFunctions;
const SMCCC_VERSION = 0x8000_0000;
const is64 = 0x4000_0000;
const with64: readonly number[] = [CPU_SUSPEND, CPU_ON, AFFINITY_INFO, SYSTEM_SUSPEND, SYSTEM_RESET2];

/** PSCI 0.1 gave no numbers; these are the kernel's (arm64's asm/kvm.h, KVM_PSCI_FN). */
const first01 = 0x95c1_ba5e;
const CPU_OFF_0_1 = first01 + 1, CPU_ON_0_1 = first01 + 2;

const ALREADY_ON = -4, INTERNAL_FAILURE = -6;
const version01 = 0x1, version10 = 0x1_0000, version11 = 0x1_0001;
/** MIGRATE_INFO_TYPE: there is no trusted OS that would have to be migrated. */
const noMigration = 2;
const isOnInfo = 0, isOffInfo = 1;
const deepestLevel = 3n;
/** Aff3, which no vcpu has other than zero, and Aff2 to Aff0. */
const affinityBits = 0xff_00ff_ffffn, lowerAffinity = 0xff_ffff;
/** SYSTEM_RESET2: types from here on are the vendor's. */
const vendorReset = 0x8000_0000n;
/** linux/kvm.h, KVM_SYSTEM_EVENT_RESET_FLAG_PSCI_RESET2. */
const byReset2 = 1n;

const narrow = (args: Arguments): Arguments => [
  BigInt.asUintN(32, args[0]),
  BigInt.asUintN(32, args[1]),
  BigInt.asUintN(32, args[2]),
];

export function psci(host: HypercallHost, id: number, args: Arguments): Outcome {
  if (host.psciVersion === version01) return psci01(host, id, args);
  const isWide = (id & is64) !== 0;
  const base = (id & ~is64) >>> 0;
  if (isWide && !with64.includes(base)) return returns(NOT_SUPPORTED);
  return psci02(host, base, isWide ? args : narrow(args));
}

function psci01(host: HypercallHost, id: number, args: Arguments): Outcome {
  if (id === CPU_OFF_0_1) return { ...returns(SUCCESS), then: "off" };
  return id === CPU_ON_0_1 ? returns(turnOn(host, args, INVALID_PARAMETERS)) : returns(NOT_SUPPORTED);
}

/** @param id as a function of 32 bits has it */
function psci02(host: HypercallHost, id: number, args: Arguments): Outcome {
  switch (id) {
    case PSCI_VERSION:
      return returns(host.psciVersion);
    case CPU_SUSPEND:
      return { ...returns(SUCCESS), then: "wait" };
    case CPU_OFF:
      return { ...returns(SUCCESS), then: "off" };
    case CPU_ON:
      return returns(turnOn(host, args, ALREADY_ON));
    case AFFINITY_INFO:
      return returns(affinityInfo(host, args));
    case MIGRATE_INFO_TYPE:
      return returns(noMigration);
    case SYSTEM_OFF:
      return ending({ type: "KVM_SYSTEM_EVENT_SHUTDOWN", data: [0n] });
    case SYSTEM_RESET:
      return ending({ type: "KVM_SYSTEM_EVENT_RESET", data: [0n] });
    default:
      return host.psciVersion >= version10 ? psci1x(host, id, args) : returns(NOT_SUPPORTED);
  }
}

function psci1x(host: HypercallHost, id: number, args: Arguments): Outcome {
  const isThere = functionsOf(host).includes(id);
  if (!isThere) return returns(NOT_SUPPORTED);
  switch (id) {
    case PSCI_FEATURES:
      return returns(hasFunction(host, Number(BigInt.asUintN(32, args[0]))) ? SUCCESS : NOT_SUPPORTED);
    case SYSTEM_SUSPEND:
      return { registers: [], then: { type: "KVM_SYSTEM_EVENT_SUSPEND", data: [] } };
    case SYSTEM_RESET2:
      return isResetType(BigInt.asUintN(32, args[0]))
        ? ending({ type: "KVM_SYSTEM_EVENT_RESET", data: [byReset2] })
        : returns(INVALID_PARAMETERS);
    default:
      return returns(NOT_SUPPORTED);
  }
}

const isResetType = (type: bigint) => type === 0n || type >= vendorReset;

/** What the guest finds should the monitor let it go on. */
const ending = (then: SystemEvent): Outcome => ({ ...returns(INTERNAL_FAILURE), then });

/** Of PSCI 1.x, in numbers of 32 bits. */
function functionsOf(host: HypercallHost): number[] {
  return [
    ...[PSCI_VERSION, CPU_SUSPEND, CPU_OFF, CPU_ON, AFFINITY_INFO, MIGRATE_INFO_TYPE],
    ...[SYSTEM_OFF, SYSTEM_RESET, PSCI_FEATURES],
    ...(host.canSuspendSystem ? [SYSTEM_SUSPEND] : []),
    ...(host.psciVersion >= version11 ? [SYSTEM_RESET2] : []),
  ];
}

function hasFunction(host: HypercallHost, id: number): boolean {
  if (id === SMCCC_VERSION) return true;
  const base = (id & ~is64) >>> 0;
  return functionsOf(host).includes(base) && (base === id || with64.includes(base));
}

function turnOn({ power }: HypercallHost, [to, entry, context]: Arguments, alreadyOn: number): number {
  if (to & ~affinityBits || to >> 32n) return INVALID_PARAMETERS;
  const [vcpu] = power.matching(Number(to), lowerAffinity);
  if (vcpu === undefined) return INVALID_PARAMETERS;
  return power.turnOn(vcpu, { entry, context }) ? SUCCESS : alreadyOn;
}

function affinityInfo({ power }: HypercallHost, [of, level]: Arguments): number {
  if (of & ~affinityBits || level > deepestLevel) return INVALID_PARAMETERS;
  const mask = ~((1n << 8n * level) - 1n) & BigInt(lowerAffinity);
  // Only the whole of level 3 is there, whatever lies below; Aff3 itself is zero.
  if (of >> 32n) return INVALID_PARAMETERS;
  const vcpus = power.matching(Number(of & mask), Number(mask));
  if (!vcpus.length) return INVALID_PARAMETERS;
  return vcpus.some((vcpu) => power.isOn(vcpu)) ? isOnInfo : isOffInfo;
}
