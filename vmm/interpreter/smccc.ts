// A guest's hypercalls, HVC and SMC alike, as Linux's KVM serves them (Arm DEN 0028, "Arm Architecture
// Calls"; DEN 0057, "Paravirtualized Time for Arm-based Systems"; the kernel's "arm64 KVM hypercalls").

import {
  type Arguments,
  type HypercallHost,
  NOT_SUPPORTED,
  type Outcome,
  returns,
  SUCCESS,
} from "./hypercall.ts";
import { psci } from "./psci.ts";
import { isTrng, trng } from "./trng.ts";

export const smcccFunctions = {
  SMCCC_VERSION: 0x8000_0000,
  SMCCC_ARCH_FEATURES: 0x8000_0001,
  SMCCC_ARCH_WORKAROUND_1: 0x8000_8000,
  SMCCC_ARCH_WORKAROUND_2: 0x8000_7fff,
  SMCCC_ARCH_WORKAROUND_3: 0x8000_3fff,
  PV_TIME_FEATURES: 0xc500_0020,
  PV_TIME_ST: 0xc500_0021,
  VENDOR_HYP_UID: 0x8600_ff01,
  VENDOR_HYP_KVM_FEATURES: 0x8600_0000,
  VENDOR_HYP_KVM_PTP: 0x8600_0001,
} as const;
const { SMCCC_VERSION, SMCCC_ARCH_FEATURES, PV_TIME_FEATURES, PV_TIME_ST } = smcccFunctions;
const { SMCCC_ARCH_WORKAROUND_1, SMCCC_ARCH_WORKAROUND_2, SMCCC_ARCH_WORKAROUND_3 } = smcccFunctions;
const { VENDOR_HYP_UID, VENDOR_HYP_KVM_FEATURES, VENDOR_HYP_KVM_PTP } = smcccFunctions;

const smcccVersion = 0x1_0001;
/** SMCCC_ARCH_FEATURES of a workaround: it is there, but this host does not need it. */
const notRequired = 1;
/** KVM's UUID, by which a guest knows whose calls these are. */
const kvmUid = [0xb66f_b428, 0xe911_c52e, 0x564b_caa9, 0x743a_004d];
/** Bits of the firmware bitmaps. */
const PV_TIME = 1, FEATURES_AND_UID = 1, PTP = 2;
const ptpCounters = 2n;

/** What a call is answered: the function's number is W0. A number nobody knows is PSCI's to refuse. */
export function hypercall(host: HypercallHost, id: number, args: Arguments): Outcome {
  switch (id) {
    case SMCCC_VERSION:
      return returns(smcccVersion);
    case SMCCC_ARCH_FEATURES:
      return returns(archFeature(host, Number(BigInt.asUintN(32, args[0]))));
    case SMCCC_ARCH_WORKAROUND_1:
    case SMCCC_ARCH_WORKAROUND_3:
      // Nothing is to be done. The kernel answers these on its shortest path, which leaves X2 and X3 alone.
      return { registers: [0n, 0n] };
    case PV_TIME_FEATURES:
    case PV_TIME_ST:
      return host.hypervisorServices & PV_TIME ? stolenTime(host, id, args) : returns(NOT_SUPPORTED);
    case VENDOR_HYP_UID:
      return host.vendorServices & FEATURES_AND_UID ? returns(...kvmUid) : returns(NOT_SUPPORTED);
    case VENDOR_HYP_KVM_FEATURES:
      return returns(host.vendorServices & FEATURES_AND_UID ? host.vendorServices : NOT_SUPPORTED);
    case VENDOR_HYP_KVM_PTP:
      return host.vendorServices & PTP ? preciseTime(host, args) : returns(NOT_SUPPORTED);
    default:
      return isTrng(id) ? trng(host, id, args) : psci(host, id, args);
  }
}

function archFeature(host: HypercallHost, feature: number): number {
  switch (feature) {
    case SMCCC_ARCH_WORKAROUND_1:
      return notRequired;
    case PV_TIME_FEATURES:
      return host.hypervisorServices & PV_TIME ? SUCCESS : NOT_SUPPORTED;
    case SMCCC_ARCH_WORKAROUND_2:
    case SMCCC_ARCH_WORKAROUND_3:
    default:
      return NOT_SUPPORTED;
  }
}

function stolenTime(host: HypercallHost, id: number, args: Arguments): Outcome {
  const address = host.stolenTime();
  if (address === undefined) return returns(NOT_SUPPORTED);
  if (id === PV_TIME_ST) return returns(address);
  const feature = Number(BigInt.asUintN(32, args[0]));
  return returns(feature === PV_TIME_FEATURES || feature === PV_TIME_ST ? SUCCESS : NOT_SUPPORTED);
}

/** The time and a counter at that moment, each as two words, the upper one first. */
function preciseTime(host: HypercallHost, [which]: Arguments): Outcome {
  if (which >= ptpCounters) return returns(NOT_SUPPORTED);
  const [time, count] = [host.realTime(), host.counter(which === 1n)];
  return returns(time >> 32n, BigInt.asUintN(32, time), count >> 32n, BigInt.asUintN(32, count));
}
