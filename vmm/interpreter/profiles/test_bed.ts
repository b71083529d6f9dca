// The hosts of the test bed, by the names they have there. Their ID registers are what a 6.12 kernel's KVM
// showed on QEMU 7.2's `-cpu max` (tests/conformance/recorded), with each feature's fields as a vcpu that has
// it shows them.

import { quadword } from "../../kvm/vector_lengths.ts";
import { type HostProfile, hostProfile } from "../host_profile.ts";

const everyLength = Array.from({ length: 16 }, (_, n) => (n + 1) * quadword);

const max: HostProfile = {
  name: "max",
  about: "every vector length, pointer authentication, GICv3",
  vectorLengths: everyLength,
  ptrauth: "impdef",
  ipaBits: 52,
  pmuCounters: 6,
  gics: ["v3"],
  cpus: 2,
  idRegisters: {
    CTR_EL0: 0x9444_c004n,
    ID_AA64DFR0_EL1: 0x1030_5609n,
    ID_AA64ISAR0_EL1: 0x1221_1111_1021_2120n,
    ID_AA64ISAR1_EL1: 0x0011_1111_1021_1102n,
    ID_AA64MMFR0_EL1: 0x0000_0323_1020_1126n,
    ID_AA64MMFR1_EL1: 0x0000_0110_1021_1122n,
    ID_AA64MMFR2_EL1: 0x1021_0110_1001_1011n,
    ID_AA64PFR0_EL1: 0x1101_0011_2111_0222n,
    ID_AA64PFR1_EL1: 0x0000_0021n,
    ID_AA64ZFR0_EL1: 0x0110_1101_0011_0021n,
    ID_DFR0_EL1: 0x0601_0009n,
    ID_ISAR0_EL1: 0x0210_1110n,
    ID_ISAR1_EL1: 0x1311_2111n,
    ID_ISAR2_EL1: 0x2123_2042n,
    ID_ISAR3_EL1: 0x0111_2131n,
    ID_ISAR4_EL1: 0x0001_1142n,
    ID_ISAR5_EL1: 0x0101_1121n,
    ID_ISAR6_EL1: 0x0111_1111n,
    ID_MMFR0_EL1: 0x1010_1105n,
    ID_MMFR1_EL1: 0x4000_0000n,
    ID_MMFR2_EL1: 0x0126_0000n,
    ID_MMFR3_EL1: 0x0212_2211n,
    ID_MMFR4_EL1: 0x0001_1110n,
    ID_MMFR5_EL1: 0x0000_0001n,
    ID_PFR0_EL1: 0x0102_0131n,
    ID_PFR1_EL1: 0x1001_1001n,
    ID_PFR2_EL1: 0x0000_0011n,
    MIDR_EL1: 0x000f_0510n,
    MVFR0_EL1: 0x1011_0222n,
    MVFR1_EL1: 0x1321_1111n,
    MVFR2_EL1: 0x0000_0043n,
  },
};

export const testBedHosts: readonly HostProfile[] = [
  max,
  {
    ...max,
    name: "vq4",
    about: "every vector length up to 512 bits",
    vectorLengths: everyLength.slice(0, 4),
  },
  { ...max, name: "pow2-512", about: "exactly 128, 256 and 512 bits", vectorLengths: [128, 256, 512] },
  { ...max, name: "no-sve", about: "no SVE", vectorLengths: [] },
  { ...max, name: "no-ptrauth", about: "no pointer authentication", ptrauth: "none" as const },
  { ...max, name: "gicv2", about: "whole but for its interrupt controller, a GICv2", gics: ["v2" as const] },
].map(hostProfile);
