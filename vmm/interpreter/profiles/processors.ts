// Processors that servers have. ID registers are those of the Technical Reference Manuals (Arm 100616 for the
// Neoverse N1, 101427 for the V1, "AArch64 register descriptions"; Fujitsu's "A64FX Microarchitecture
// Manual"), as far as KVM shows them to guests; where a manual contradicts itself (ID_AA64ISAR1_EL1 of the
// V1), its list of fields counts. For the Neoverse V2 (102375) they are those of the N2 (102099), a core of
// the same version of the architecture, but for MIDR_EL1 and for AArch32, which the V2 does not have.
// Addresses have 48 bits in each; processors are as many as a common machine has.

import { hostProfile, type IdRegisterValues } from "../host_profile.ts";
import { guestView } from "./guest_view.ts";

/** AArch32 at EL0, in which these cores do not differ. */
const aarch32: IdRegisterValues = {
  ID_ISAR0_EL1: 0x0210_1110n,
  ID_ISAR1_EL1: 0x1311_2111n,
  ID_ISAR2_EL1: 0x2123_2042n,
  ID_ISAR3_EL1: 0x0111_2131n,
  ID_ISAR4_EL1: 0x0001_0142n,
  ID_MMFR0_EL1: 0x1020_1105n,
  ID_MMFR1_EL1: 0x4000_0000n,
  ID_MMFR2_EL1: 0x0126_0000n,
  ID_MMFR3_EL1: 0x0212_2211n,
  ID_PFR1_EL1: 0x0001_0000n,
  ID_PFR2_EL1: 0x0000_0011n,
  MVFR0_EL1: 0x1011_0222n,
  MVFR1_EL1: 0x1321_1111n,
  MVFR2_EL1: 0x0000_0043n,
};

const neoverseN1: IdRegisterValues = {
  ...aarch32,
  MIDR_EL1: 0x414f_d0c1n,
  CTR_EL0: 0x8444_c004n,
  ID_AA64PFR0_EL1: 0x1100_0000_1011_1112n,
  ID_AA64PFR1_EL1: 0x20n,
  ID_AA64DFR0_EL1: 0x1_1030_5408n,
  ID_AA64ISAR0_EL1: 0x0000_1000_1021_1120n,
  ID_AA64ISAR1_EL1: 0x0010_0001n,
  ID_AA64MMFR0_EL1: 0x0010_1125n,
  ID_AA64MMFR1_EL1: 0x1021_2122n,
  ID_AA64MMFR2_EL1: 0x0000_1011n,
  ID_DFR0_EL1: 0x0401_0088n,
  ID_ISAR5_EL1: 0x0101_1121n,
  ID_ISAR6_EL1: 0x0000_0010n,
  ID_MMFR4_EL1: 0x0002_1110n,
  ID_PFR0_EL1: 0x1001_0131n,
};

const neoverseV1: IdRegisterValues = {
  ...aarch32,
  MIDR_EL1: 0x411f_d402n,
  CTR_EL0: 0xb444_c004n,
  ID_AA64PFR0_EL1: 0x1101_1101_2011_1112n,
  ID_AA64PFR1_EL1: 0x20n,
  ID_AA64ZFR0_EL1: 0x0000_1000_0010_0000n,
  ID_AA64DFR0_EL1: 0x0000_01f2_1030_5519n,
  ID_AA64ISAR0_EL1: 0x1011_1111_1021_2120n,
  ID_AA64ISAR1_EL1: 0x0011_1000_0121_1032n,
  ID_AA64MMFR0_EL1: 0x0010_1125n,
  ID_AA64MMFR1_EL1: 0x1021_2122n,
  ID_AA64MMFR2_EL1: 0x0220_0111_0210_1011n,
  ID_DFR0_EL1: 0x1501_1099n,
  ID_ISAR5_EL1: 0x1101_1121n,
  ID_ISAR6_EL1: 0x0110_0111n,
  ID_MMFR4_EL1: 0x0102_1110n,
  ID_PFR0_EL1: 0x2111_0131n,
};

const neoverseV2: IdRegisterValues = {
  MIDR_EL1: 0x410f_d4f0n,
  CTR_EL0: 0xb444_c004n,
  ID_AA64PFR0_EL1: 0x1201_1111_2011_1111n,
  ID_AA64PFR1_EL1: 0x221n,
  ID_AA64ZFR0_EL1: 0x0000_1101_0011_0021n,
  ID_AA64DFR0_EL1: 0x0000_11f2_1030_5619n,
  ID_AA64ISAR0_EL1: 0x1221_1111_1021_2120n,
  ID_AA64ISAR1_EL1: 0x0011_1111_0121_1052n,
  ID_AA64MMFR0_EL1: 0x0000_0222_0010_1125n,
  ID_AA64MMFR1_EL1: 0x1021_2122n,
  ID_AA64MMFR2_EL1: 0x1221_0111_1210_1011n,
};

const a64fx: IdRegisterValues = {
  MIDR_EL1: 0x461f_0010n,
  CTR_EL0: 0x8666_8006n,
  ID_AA64PFR0_EL1: 0x1_0111_1111n,
  ID_AA64DFR0_EL1: 0x1030_5408n,
  ID_AA64ISAR0_EL1: 0x1021_1120n,
  ID_AA64ISAR1_EL1: 0x0001_0001n,
  ID_AA64MMFR0_EL1: 0x0000_1122n,
  ID_AA64MMFR1_EL1: 0x1121_2100n,
  ID_AA64MMFR2_EL1: 0x0000_1011n,
};

const server = { ipaBits: 48, pmuCounters: 6, gics: ["v3"] as const };

export const processors = [
  hostProfile({
    ...server,
    name: "neoverse-n1",
    about: "Arm Neoverse N1: no SVE, no pointer authentication",
    vectorLengths: [],
    ptrauth: "none",
    cpus: 64,
    idRegisters: guestView(neoverseN1),
  }),
  hostProfile({
    ...server,
    name: "neoverse-v1",
    about: "Arm Neoverse V1: SVE of 128 and 256 bits, pointer authentication",
    vectorLengths: [128, 256],
    ptrauth: "qarma5",
    cpus: 64,
    idRegisters: guestView(neoverseV1),
  }),
  hostProfile({
    ...server,
    name: "neoverse-v2",
    about: "Arm Neoverse V2: SVE2 of 128 bits, pointer authentication",
    vectorLengths: [128],
    ptrauth: "qarma5",
    cpus: 72,
    idRegisters: guestView(neoverseV2),
  }),
  hostProfile({
    ...server,
    name: "a64fx",
    about: "Fujitsu A64FX: SVE of 128, 256 and 512 bits, no pointer authentication",
    vectorLengths: [128, 256, 512],
    ptrauth: "none",
    pmuCounters: 8,
    cpus: 48,
    idRegisters: guestView(a64fx),
  }),
];
