// Arm DDI 0487, "SVE encodings", "SVE stack frame adjustment", "SVE stack frame size": ADDVL, ADDPL, RDVL.

import { type Definition, type Fields } from "../definition.ts";
import type { Cpu } from "../cpu.ts";
import { generalRegister, registerOrSp, signed } from "./assembly_names.ts";
import { sve } from "./sve_assembly.ts";
import { vectorLength } from "./sve_registers.ts";

const times = ({ imm6 }: Fields) => signed(imm6!, 6);

/** Here 31 is SP, and its alignment does not matter. */
const readOrSp = (cpu: Cpu, n: number) => n === 31 ? cpu.sp : cpu.readX(n);
function writeOrSp(cpu: Cpu, n: number, value: bigint) {
  if (n === 31) cpu.sp = BigInt.asUintN(64, value);
  else cpu.writeX(n, value);
}

/** Adds the length of vectors or, an eighth of it, of predicates. */
const addLength = (name: string, op: 0 | 1) =>
  sve(name, `00000100 0${op}1 Rn:5 01010 imm6:6 Rd:5`, {
    assembly: (f) =>
      `${name.toLowerCase()} ${registerOrSp(f.Rd!, 1)}, ${registerOrSp(f.Rn!, 1)}, #${times(f)}`,
    run: (cpu, f) => {
      const length = vectorLength(cpu) >> (op ? 3 : 0);
      writeOrSp(cpu, f.Rd!, readOrSp(cpu, f.Rn!) + BigInt(times(f) * length));
    },
  });

export const sveStackAllocation: readonly Definition[] = [
  addLength("ADDVL", 0),
  addLength("ADDPL", 1),
  sve("RDVL", "00000100 101 11111 01010 imm6:6 Rd:5", {
    assembly: (f) => `rdvl ${generalRegister(f.Rd!, 1)}, #${times(f)}`,
    run: (cpu, f) => cpu.writeX(f.Rd!, BigInt(times(f) * vectorLength(cpu))),
  }),
];
