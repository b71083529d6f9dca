// The system register table against binutils: the assembler's encoding of `mrs x0, NAME` for every name.

import { assert, assertEquals } from "@std/assert";
import { registerName, sysreg } from "../../../vmm/kvm/register_id.ts";
import { type Encoding, systemRegisters, timerRegisters } from "../../../vmm/kvm/system_registers.ts";
import { inFolder, run, testWithTools } from "../../guest/tools.ts";

/** Names newer than binutils 2.40 (January 2023), with the generic names the Arm manual gives them. */
const unknownToBinutils: Record<string, string> = {
  ID_AA64PFR2_EL1: "S3_0_C0_C4_2",
  ID_AA64FPFR0_EL1: "S3_0_C0_C4_7",
  ID_AA64DFR2_EL1: "S3_0_C0_C5_2",
  ID_AA64ISAR3_EL1: "S3_0_C0_C6_3",
  ID_AA64MMFR3_EL1: "S3_0_C0_C7_3",
  ID_AA64MMFR4_EL1: "S3_0_C0_C7_4",
  SCTLR2_EL1: "S3_0_C1_C0_3",
  TCR2_EL1: "S3_0_C2_C0_3",
  PIRE0_EL1: "S3_0_C10_C2_2",
  PIR_EL1: "S3_0_C10_C2_3",
  POR_EL1: "S3_0_C10_C2_4",
  FPMR: "S3_3_C4_C4_2",
  POR_EL0: "S3_3_C10_C2_4",
};

/** KVM gives the registers of its timers ids of its own; the architecture's names for those encodings. */
const timerNames: Record<string, string> = {
  KVM_REG_ARM_TIMER_CTL: "CNTV_CTL_EL0",
  KVM_REG_ARM_TIMER_CVAL: "CNTVCT_EL0",
  KVM_REG_ARM_TIMER_CNT: "CNTV_CVAL_EL0",
  KVM_REG_ARM_PTIMER_CTL: "CNTP_CTL_EL0",
  KVM_REG_ARM_PTIMER_CVAL: "CNTP_CVAL_EL0",
  KVM_REG_ARM_PTIMER_CNT: "CNTPCT_EL0",
};

/** What the assembler makes of `mrs x0, NAME` for each name; names it does not know are an error. */
function assemble(names: readonly string[]): Promise<Encoding[]> {
  return inFolder(async (folder) => {
    const [source, object, flat] = ["source.s", "object.o", "flat.bin"].map((name) => `${folder}/${name}`);
    const lines = [".arch armv9.3-a+sme+memtag+profile", ...names.map((name) => `mrs x0, ${name}`)];
    await Deno.writeTextFile(source!, lines.join("\n") + "\n");
    await run("aarch64-linux-gnu-as", ["--no-warn", "-o", object!, source!]);
    await run("aarch64-linux-gnu-objcopy", ["-O", "binary", "-j", ".text", object!, flat!]);
    const words = new Uint32Array((await Deno.readFile(flat!)).buffer);
    return Array.from(words, operandOf);
  });
}

/** The system register of an MRS instruction (Arm DDI 0487, "MRS"). */
function operandOf(word: number): Encoding {
  assertEquals(word >>> 20, 0xd53, "an MRS has these upper bits");
  return [word >> 19 & 1 | 2, word >> 16 & 7, word >> 12 & 15, word >> 8 & 15, word >> 5 & 7];
}

const tools = ["aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy"] as const;

testWithTools(tools, "every system register's encoding is the assembler's", async () => {
  const rows = Array.from(systemRegisters).filter(([name]) => !(name in unknownToBinutils));
  const theirs = await assemble(rows.map(([name]) => name));
  assertEquals(theirs.length, rows.length);
  assertEquals(rows, rows.map(([name], index): [string, Encoding] => [name, theirs[index]!]));
});

testWithTools(tools, "the timer registers are the architecture's, CVAL and CNT swapped by ABI", async () => {
  const theirs = await assemble(Array.from(timerRegisters.keys(), (name) => timerNames[name]!));
  assertEquals([...timerRegisters.values()], theirs);
});

testWithTools(tools, "an encoding without a row has the name the assembler takes for it", async () => {
  const encodings: Encoding[] = [[2, 1, 3, 4, 5], [3, 0, 0, 4, 3], [3, 7, 15, 15, 7], [3, 3, 11, 0, 1]];
  assertEquals(await assemble(encodings.map((encoding) => registerName(sysreg(...encoding)))), encodings);
});

Deno.test("the system registers binutils is too old for have the manual's encodings", () => {
  for (const [name, generic] of Object.entries(unknownToBinutils)) {
    const encoding = systemRegisters.get(name);
    assert(encoding, `${name} is in the table`);
    assertEquals(nameless(encoding), generic, name);
  }
});

Deno.test("no two registers of the tables share an id", () => {
  const names = new Map<bigint, string>();
  for (const [name, encoding] of [...systemRegisters, ...timerRegisters]) {
    const id = sysreg(...encoding);
    assertEquals(names.get(id), undefined, `${name} has an id of its own`);
    names.set(id, name);
    assertEquals(registerName(id), name);
  }
});

const nameless = ([op0, op1, crn, crm, op2]: Encoding) => `S${op0}_${op1}_C${crn}_C${crm}_${op2}`;
