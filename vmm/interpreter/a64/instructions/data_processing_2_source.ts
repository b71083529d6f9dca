// UDIV, SDIV, the shifts by a register and CRC32: Arm DDI 0487, "A64 instruction set encoding", "Data-processing
// (2 source)". PACGA of that class is in pointer_authentication.ts.

import { crc32, crc32c } from "../crypto/crc32.ts";
import type { Cpu } from "../cpu.ts";
import { type Definition, type Fields, instruction, type Meaning, read, write } from "../definition.ts";
import type { Target } from "../target.ts";
import {
  and,
  bind64,
  choose,
  const64,
  divS,
  divU,
  eq,
  eqz,
  extendU32,
  type I64,
  rotr,
  rotr32,
  shl,
  shrS,
  shrU,
  sub,
  wrap,
} from "../vocabulary.ts";
import { generalRegister } from "./assembly_names.ts";
import { get, getSigned, set } from "./width.ts";

type Compute = (target: Target, form: Fields) => I64;

const row = (name: string, compute: Compute): Meaning => ({
  operands: { Rd: write("Rd"), Rn: read("Rn"), Rm: read("Rm") },
  forms: ["sf"],
  isHot: true,
  assembly: ({ sf, Rd, Rn, Rm }) =>
    `${name} ${[Rd!, Rn!, Rm!].map((n) => generalRegister(n, sf!)).join(", ")}`,
  emit: (target, form) => set(target, form, "Rd", compute(target, form)),
});

const opcode = "sf:1 0 0 11010110 Rm:5";

/** Divided by zero is zero. */
const unsignedDivision: Compute = (t, form) =>
  bind64(get(t, form, "Rm"), (m) => choose(eqz(m), const64(0), divU(get(t, form, "Rn"), m)));

/** By -1 is the negative, which the least number has only modulo its width. */
const signedDivision: Compute = (t, form) =>
  bind64(getSigned(t, form, "Rm"), (m) => {
    const n = getSigned(t, form, "Rn");
    const quotient = choose(eq(m, const64(-1)), sub(const64(0), n), divS(n, m));
    return choose(eqz(m), const64(0), quotient);
  });

/** Modulo the width: that of 64 bits is WebAssembly's own. */
const amount: Compute = (t, { sf }) => sf ? t.x("Rm") : and(t.x("Rm"), const64(31));

const rotation: Compute = (t, { sf }) =>
  sf ? rotr(t.x("Rn"), t.x("Rm")) : extendU32(rotr32(wrap(t.x("Rn")), wrap(t.x("Rm"))));

const low = (value: bigint) => Number(value & 0xffff_ffffn);

/** Of 1 << `sz` bytes. */
function runCrc(compute: typeof crc32): (cpu: Cpu, fields: Fields) => void {
  return (cpu, { Rd, Rn, Rm, sz }) => {
    const value = cpu.readX(Rm!);
    const crc = compute(low(cpu.readX(Rn!)), low(value), Number(value >> 32n), 1 << sz!);
    cpu.writeX(Rd!, BigInt(crc));
  };
}

const crc = (name: string, compute: typeof crc32): Meaning => ({
  valid: ({ sf, sz }) => sf === (sz === 3 ? 1 : 0),
  needs: ["ID_AA64ISAR0_EL1", 16, 1],
  assembly: ({ Rd, Rn, Rm, sf, sz }) =>
    `${name}${"bhwx"[sz!]} ${generalRegister(Rd!, 0)}, ${generalRegister(Rn!, 0)}, ${
      generalRegister(Rm!, sf!)
    }`,
  run: runCrc(compute),
});

export const dataProcessing2Source: readonly Definition[] = [
  instruction("UDIV", `${opcode} 000010 Rn:5 Rd:5`, row("udiv", unsignedDivision)),
  instruction("SDIV", `${opcode} 000011 Rn:5 Rd:5`, row("sdiv", signedDivision)),
  instruction("LSLV", `${opcode} 001000 Rn:5 Rd:5`, row("lsl", (t, f) => shl(t.x("Rn"), amount(t, f)))),
  instruction(
    "LSRV",
    `${opcode} 001001 Rn:5 Rd:5`,
    row("lsr", (t, f) => shrU(get(t, f, "Rn"), amount(t, f))),
  ),
  instruction(
    "ASRV",
    `${opcode} 001010 Rn:5 Rd:5`,
    row("asr", (t, f) => shrS(getSigned(t, f, "Rn"), amount(t, f))),
  ),
  instruction("RORV", `${opcode} 001011 Rn:5 Rd:5`, row("ror", rotation)),
  instruction("CRC32", `${opcode} 0100 sz:2 Rn:5 Rd:5`, crc("crc32", crc32)),
  instruction("CRC32C", `${opcode} 0101 sz:2 Rn:5 Rd:5`, crc("crc32c", crc32c)),
];
