// LDR and STR of a whole vector or predicate (Arm DDI 0487, "SVE encodings", "SVE load vector register", "SVE
// load predicate register" and the stores): bytes one after another, whatever the predicates say.

import type { AccessSize, Cpu } from "../cpu.ts";
import { predicateAt, vectorAt } from "../cpu_layout.ts";
import { type Definition, type Fields, type Meaning, orSp, vector } from "../definition.ts";
import { add, bind64, mul } from "../vocabulary.ts";
import { signed } from "./assembly_names.ts";
import { baseOf, withCheckedBase } from "./load_store_base.ts";
import { baseName } from "./load_store_names.ts";
import { sve } from "./sve_assembly.ts";
import { vectorLengthOf } from "./sve_memory_quadwords.ts";
import { vectorLength } from "./sve_registers.ts";

const times = ({ imm9h, imm9l }: Fields) => signed(imm9h! << 3 | imm9l!, 9);

interface Register {
  readonly letter: "z" | "p";
  /** Bits of the encoding. */
  readonly kind: string;
  readonly Rt: string;
  readonly bytes: (cpu: Cpu) => number;
  /** Bytes of an access, of which the register has a whole number. */
  readonly step: AccessSize;
  /** Byte offset in the vcpu's state. */
  readonly at: (fields: Fields) => number;
}

const registers: readonly Register[] = [
  { letter: "z", kind: "010", Rt: "Zt:5", bytes: vectorLength, step: 8, at: (f) => vectorAt(f.Zt!) },
  {
    letter: "p",
    kind: "000",
    Rt: "0 Pt:4",
    bytes: (cpu) => vectorLength(cpu) >> 3,
    step: 2,
    at: (f) => predicateAt(f.Pt!),
  },
];

const addressOf = (cpu: Cpu, f: Fields, { bytes }: Register) =>
  baseOf(cpu, f) + BigInt(times(f) * bytes(cpu));

function load(cpu: Cpu, f: Fields, register: Register) {
  const { step } = register, address = addressOf(cpu, f, register), count = register.bytes(cpu) / step;
  const loaded = Array.from({ length: count }, (_, n) => cpu.read(address + BigInt(n * step), step));
  loaded.forEach((value, n) => {
    const at = register.at(f) + n * step;
    if (step === 8) cpu.view.setBigUint64(at, value, true);
    else cpu.view.setUint16(at, Number(value), true);
  });
}

function store(cpu: Cpu, f: Fields, register: Register) {
  const { step } = register, address = addressOf(cpu, f, register), count = register.bytes(cpu) / step;
  for (let n = 0; n < count; n++) {
    const at = register.at(f) + n * step;
    const value = step === 8 ? cpu.view.getBigUint64(at, true) : BigInt(cpu.view.getUint16(at, true));
    cpu.write(address + BigInt(n * step), step, value);
  }
}

/** The vector's code, which has no lanes. */
const quadwordsOf = (isStore: boolean): Partial<Meaning> => ({
  operands: { Zt: vector("Zt"), Rn: orSp("Rn") },
  forms: ["isSp"],
  immediate: times,
  emit(t, form) {
    const first = add(t.x("Rn"), mul(t.immediate(), vectorLengthOf(t)));
    const access = bind64(first, (address) =>
      t.eachQuadword(({ z, setZ, offset }) => {
        const place = add(address, offset());
        return isStore ? t.storeQ(place, z("Zt")) : setZ("Zt", t.loadQ(place));
      }));
    return withCheckedBase(t, form, access);
  },
});

function definition(register: Register, isStore: boolean): Definition {
  const { letter, kind, Rt } = register, name = isStore ? "STR" : "LDR";
  const title = `${name} (${letter === "z" ? "vector" : "predicate"})`;
  return sve(title, `1${isStore ? "11" : "00"}0010 110 imm9h:6 ${kind} imm9l:3 Rn:5 ${Rt}`, {
    assembly: (f) => {
      const offset = times(f) === 0 ? "" : `, #${times(f)}, mul vl`;
      return `${name.toLowerCase()} ${letter}${f.Zt ?? f.Pt}, [${baseName(f)}${offset}]`;
    },
    ...(letter === "z" ? quadwordsOf(isStore) : {
      run: (cpu, f) => (isStore ? store : load)(cpu, f, register),
    }),
  });
}

export const sveLoadStoreRegister: readonly Definition[] = registers.flatMap((register) => [
  definition(register, false),
  definition(register, true),
]);
