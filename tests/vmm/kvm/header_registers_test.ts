// Register ids against the macros of arm64's asm/kvm.h: each row of the document's tables, each pattern.

import {
  ccsidr,
  KVM_REG_ARM64_SVE_VLS,
  registerNamed,
  sveFfr,
  sveP,
  sveZ,
  sysreg,
} from "../../../vmm/kvm/register_id.ts";
import { systemRegisters, timerRegisters } from "../../../vmm/kvm/system_registers.ts";
import { assertMatchesHeaders, type Row, testWithKernelHeaders } from "./kernel_headers.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

function coreRow(name: string, size: "U32" | "U64" | "U128", member: string): Row {
  return {
    name,
    ours: registerNamed(name),
    expression: `KVM_REG_ARM64 | KVM_REG_SIZE_${size} | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(${member})`,
  };
}

testWithKernelHeaders("core register ids hold the offsets of struct kvm_regs", () =>
  assertMatchesHeaders([
    ...upTo(31).map((n) => coreRow(`X${n}`, "U64", `regs.regs[${n}]`)),
    coreRow("SP", "U64", "regs.sp"),
    coreRow("PC", "U64", "regs.pc"),
    coreRow("PSTATE", "U64", "regs.pstate"),
    coreRow("SP_EL1", "U64", "sp_el1"),
    coreRow("ELR_EL1", "U64", "elr_el1"),
    coreRow("SPSR_EL1", "U64", "spsr[KVM_SPSR_EL1]"),
    ...["ABT", "UND", "IRQ", "FIQ"].map((mode) => coreRow(`SPSR_${mode}`, "U64", `spsr[KVM_SPSR_${mode}]`)),
    ...upTo(32).map((n) => coreRow(`V${n}`, "U128", `fp_regs.vregs[${n}]`)),
    coreRow("FPSR", "U32", "fp_regs.fpsr"),
    coreRow("FPCR", "U32", "fp_regs.fpcr"),
  ]));

testWithKernelHeaders(
  "SVE register ids are those of the header's macros, in every slice",
  () =>
    assertMatchesHeaders([
      ...upTo(32).flatMap((slice) => [
        ...upTo(32).map((n) => ({
          name: `Z${n} slice ${slice}`,
          ours: sveZ(n, slice),
          expression: `KVM_REG_ARM64_SVE_ZREG(${n}, ${slice})`,
        })),
        ...upTo(16).map((n) => ({
          name: `P${n} slice ${slice}`,
          ours: sveP(n, slice),
          expression: `KVM_REG_ARM64_SVE_PREG(${n}, ${slice})`,
        })),
        { name: `FFR slice ${slice}`, ours: sveFfr(slice), expression: `KVM_REG_ARM64_SVE_FFR(${slice})` },
      ]),
      { name: "VLS", ours: KVM_REG_ARM64_SVE_VLS, expression: "KVM_REG_ARM64_SVE_VLS" },
    ]),
);

testWithKernelHeaders("CCSIDR ids are demultiplexed by CSSELR's value", () =>
  assertMatchesHeaders(
    upTo(256).map((csselr) => ({
      name: `CCSIDR ${csselr}`,
      ours: ccsidr(csselr),
      expression:
        `KVM_REG_ARM64 | KVM_REG_SIZE_U32 | KVM_REG_ARM_DEMUX | KVM_REG_ARM_DEMUX_ID_CCSIDR | ${csselr}`,
    })),
  ));

testWithKernelHeaders("system register ids are made as ARM64_SYS_REG makes them", () =>
  assertMatchesHeaders(
    Array.from(systemRegisters, ([name, encoding]) => ({
      name,
      ours: sysreg(...encoding),
      expression: `ARM64_SYS_REG(${encoding.join(", ")})`,
    })),
  ));

testWithKernelHeaders("timer and firmware registers have the header's names and ids", () => {
  const firmware = [
    "KVM_REG_ARM_PSCI_VERSION",
    "KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1",
    "KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2",
    "KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3",
    "KVM_REG_ARM_STD_BMAP",
    "KVM_REG_ARM_STD_HYP_BMAP",
    "KVM_REG_ARM_VENDOR_HYP_BMAP",
  ];
  return assertMatchesHeaders(
    [...timerRegisters.keys(), ...firmware].map((name) => ({
      name,
      ours: registerNamed(name),
      expression: name,
    })),
  );
});
