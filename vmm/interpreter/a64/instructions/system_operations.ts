// SYS and SYSL with their aliases AT, DC, IC and TLBI: Arm DDI 0487, "A64 instruction set encoding", "System
// instructions", and "A64 System instructions for cache maintenance", "for address translation", "for TLB
// maintenance".

import { addressTranslate } from "../address_translation.ts";
import {
  cleanByAddress,
  forgetAllInstructions,
  forgetInstructions,
  invalidateByAddress,
  zeroBlock,
} from "../cache_maintenance.ts";
import type { Cpu } from "../cpu.ts";
import { type After, type Definition, type Fields, instruction, read } from "../definition.ts";
import { type Access, type Privilege, privileges } from "../mmu.ts";
import { isAtEl0, PSTATE } from "../pstate.ts";
import { trappedAccess, undefinedInstruction } from "../system_register_row.ts";
import { keyOf } from "../system_registers.ts";
import {
  invalidateAddress,
  invalidateAll,
  invalidateAsid,
  invalidateRange,
  type TlbiScope,
} from "../tlb_maintenance.ts";
import { zeroBlockBytes } from "../system_registers_identification.ts";
import { add, and, const64, sequence, type V128, when } from "../vocabulary.ts";
import { generalRegister } from "./assembly_names.ts";
import { mayZeroBlocks } from "./system_level.ts";

interface Operation {
  readonly name: string;
  /** op1, CRn, CRm, op2. */
  readonly encoding: readonly [number, number, number, number];
  readonly hasOperand: boolean;
  readonly isThere?: (cpu: Cpu) => boolean;
  /** The bit of SCTLR_EL1 with which EL0 may use it; without one it may not. */
  readonly atEl0?: bigint;
  readonly run: (cpu: Cpu, operand: bigint) => void;
}

const EnRCTX = 1n << 10n, UCI = 1n << 26n, DZE = 1n << 14n;

const cache = (
  name: string,
  encoding: Operation["encoding"],
  run: Operation["run"],
  rest: Partial<Operation> = {},
): Operation => ({ name, encoding, run, hasOperand: true, ...rest });

const nothing = () => {};
const withDpb = (least: number) => (cpu: Cpu) => cpu.idField("ID_AA64ISAR1_EL1", 0) >= least;

const caches: readonly Operation[] = [
  cache("ic ialluis", [0, 7, 1, 0], (cpu) => forgetAllInstructions(cpu, true), { hasOperand: false }),
  cache("ic iallu", [0, 7, 5, 0], (cpu) => forgetAllInstructions(cpu, false), { hasOperand: false }),
  cache("ic ivau", [3, 7, 5, 1], forgetInstructions, { atEl0: UCI }),
  cache("dc ivac", [0, 7, 6, 1], invalidateByAddress),
  cache("dc isw", [0, 7, 6, 2], nothing),
  cache("dc csw", [0, 7, 10, 2], nothing),
  cache("dc cisw", [0, 7, 14, 2], nothing),
  cache("dc cvac", [3, 7, 10, 1], cleanByAddress, { atEl0: UCI }),
  cache("dc cvau", [3, 7, 11, 1], cleanByAddress, { atEl0: UCI }),
  cache("dc cvap", [3, 7, 12, 1], cleanByAddress, { atEl0: UCI, isThere: withDpb(1) }),
  cache("dc cvadp", [3, 7, 13, 1], cleanByAddress, { atEl0: UCI, isThere: withDpb(2) }),
  cache("dc civac", [3, 7, 14, 1], cleanByAddress, { atEl0: UCI }),
  cache("dc zva", [3, 7, 4, 1], zeroBlock, { atEl0: DZE }),
];

const withSpecres = (cpu: Cpu) => cpu.idField("ID_AA64ISAR1_EL1", 40) >= 1;

/** There is no speculation whose traces they would remove. */
const predictions: readonly Operation[] = ["cfp rctx", "dvp rctx", "cpp rctx"].map((name, n) =>
  cache(name, [3, 7, 3, [4, 5, 7][n]!], nothing, { atEl0: EnRCTX, isThere: withSpecres })
);

const currentPan = (cpu: Cpu): Privilege => cpu.pstate & PSTATE.PAN ? privileges.el1Pan : privileges.el1;

const at = (
  name: string,
  crm: number,
  op2: number,
  access: Access,
  privilege: (cpu: Cpu) => Privilege,
): Operation => ({
  name: `at ${name}`,
  encoding: [0, 7, crm, op2],
  hasOperand: true,
  run: (cpu, address) => addressTranslate(cpu, address, access, privilege(cpu)),
});

const withPan2 = (cpu: Cpu) => cpu.idField("ID_AA64MMFR1_EL1", 20) >= 2;

const translations: readonly Operation[] = [
  at("s1e1r", 8, 0, "read", () => privileges.el1),
  at("s1e1w", 8, 1, "write", () => privileges.el1),
  at("s1e0r", 8, 2, "read", () => privileges.el0),
  at("s1e0w", 8, 3, "write", () => privileges.el0),
  { ...at("s1e1rp", 9, 0, "read", currentPan), isThere: withPan2 },
  { ...at("s1e1wp", 9, 1, "write", currentPan), isThere: withPan2 },
];

type Invalidate = (cpu: Cpu, operand: bigint, scope: TlbiScope) => void;

const byOp2: readonly (readonly [name: string, op2: number, run: Invalidate])[] = [
  ["vmalle1", 0, (cpu, _, scope) => invalidateAll(cpu, scope)],
  ["vae1", 1, invalidateAddress],
  ["aside1", 2, invalidateAsid],
  ["vaae1", 3, invalidateAddress],
  ["vale1", 5, invalidateAddress],
  ["vaale1", 7, invalidateAddress],
];
const rangesByOp2: readonly (readonly [name: string, op2: number, run: Invalidate])[] = [
  ["rvae1", 1, invalidateRange],
  ["rvaae1", 3, invalidateRange],
  ["rvale1", 5, invalidateRange],
  ["rvaale1", 7, invalidateRange],
];

/** Per CRm: the suffix, whether other vcpus are meant too, and the least ID_AA64ISAR0_EL1.TLB. */
const scopes:
  readonly (readonly [suffix: string, crm: number, rangeCrm: number, TlbiScope, least: number])[] = [
    ["os", 1, 5, "shared", 1],
    ["is", 3, 2, "shared", 0],
    ["", 7, 6, "own", 0],
  ];
const leastForRanges = 2;

function tlbi(
  name: string,
  encoding: Operation["encoding"],
  least: number,
  run: Operation["run"],
): Operation {
  return {
    name: `tlbi ${name}`,
    encoding,
    hasOperand: !name.startsWith("vmall"),
    isThere: (cpu) => cpu.idField("ID_AA64ISAR0_EL1", 56) >= least,
    run,
  };
}

const invalidations: readonly Operation[] = scopes.flatMap(([suffix, crm, rangeCrm, scope, least]) => [
  ...byOp2.map(([name, op2, run]) =>
    tlbi(name + suffix, [0, 8, crm, op2], least, (cpu, operand) => run(cpu, operand, scope))
  ),
  ...rangesByOp2.map(([name, op2, run]) =>
    tlbi(name + suffix, [0, 8, rangeCrm, op2], leastForRanges, (cpu, operand) => run(cpu, operand, scope))
  ),
]);

const op0 = 1;
const operations = new Map<number, Operation>(
  [...caches, ...predictions, ...translations, ...invalidations].map((
    each,
  ) => [keyOf(op0, ...each.encoding), each]),
);

const keyOfFields = ({ op1, CRn, CRm, op2 }: Fields) => keyOf(op0, op1!, CRn!, CRm!, op2!);

const noRegister = 31;

function execute(cpu: Cpu, key: number, fields: Fields): After {
  const operation = operations.get(key);
  if (!operation || operation.isThere && !operation.isThere(cpu)) throw undefinedInstruction();
  if (isAtEl0(cpu)) {
    if (operation.atEl0 === undefined) throw undefinedInstruction();
    if (!(cpu.system("SCTLR_EL1") & operation.atEl0)) {
      const [op1, crn, crm, op2] = operation.encoding;
      throw trappedAccess([op0, op1, crn, crm, op2], fields.Rt!, false);
    }
  }
  operation.run(cpu, cpu.readX(fields.Rt!));
}

function assembly(fields: Fields): string {
  const { op1, CRn, CRm, op2, Rt } = fields;
  const operation = operations.get(keyOfFields(fields));
  if (operation?.hasOperand) return `${operation.name}, ${generalRegister(Rt!, 1)}`;
  if (operation && Rt === noRegister) return operation.name;
  const register = Rt === noRegister ? "" : `, ${generalRegister(Rt!, 1)}`;
  return `sys #${op1}, C${CRn}, C${CRm}, #${op2}${register}`;
}

const zvaKey = keyOf(op0, 3, 7, 4, 1);
const zeros: V128 = (c) => c.op(0xfd, 12, ...new Array<number>(16).fill(0));
const quadwordBytes = 16;
const quadwords = Array.from({ length: zeroBlockBytes / quadwordBytes }, (_, n) => quadwordBytes * n);

export const systemOperations: readonly Definition[] = [
  instruction("DC ZVA", "1101010100 0 01 011 0111 0100 001 Rt:5", {
    operands: { Rt: read("Rt") },
    assembly: ({ Rt }) => `dc zva, ${generalRegister(Rt!, 1)}`,
    emit(t) {
      const start = and(t.x("Rt"), const64(-zeroBlockBytes));
      return when(
        mayZeroBlocks(t),
        sequence(...quadwords.map((at) => t.storeQ(add(start, const64(at)), zeros))),
        t.fallBack(),
      );
    },
    run: (cpu, fields) => execute(cpu, zvaKey, fields),
  }),
  instruction("SYS", "1101010100 0 01 op1:3 CRn:4 CRm:4 op2:3 Rt:5", {
    valid: (fields) => keyOfFields(fields) !== zvaKey,
    assembly,
    run: (cpu, fields) => execute(cpu, keyOfFields(fields), fields),
  }),
  instruction("SYSL", "1101010100 1 01 op1:3 CRn:4 CRm:4 op2:3 Rt:5", {
    assembly: ({ op1, CRn, CRm, op2, Rt }) =>
      `sysl ${generalRegister(Rt!, 1)}, #${op1}, C${CRn}, C${CRm}, #${op2}`,
    // None of them is an instruction of a vcpu that can be.
    run: () => {
      throw undefinedInstruction();
    },
  }),
];
