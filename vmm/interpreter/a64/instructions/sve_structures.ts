// LD2 to LD4 and ST2 to ST4 (Arm DDI 0487, "SVE encodings", "SVE load multiple structures" and "SVE store
// multiple structures"): elements one after another in memory are dealt out to registers in turn.

import type { Cpu } from "../cpu.ts";
import { vectorAt, vectorBytes } from "../cpu_layout.ts";
import { type Definition, type Fields, type Meaning, orSp, predicate, read, vector } from "../definition.ts";
import type { AccessBytes, QuadwordTarget, Target } from "../target.ts";
import {
  add,
  and32,
  bind32,
  bind64,
  const64,
  extendU32,
  type I64,
  leU,
  mul,
  sequence,
  sub,
  when,
} from "../vocabulary.ts";
import { sve, z, zeroing } from "./sve_assembly.ts";
import { immediateAddress, registerAddress, vectorImmediate } from "./sve_load_store_contiguous.ts";
import { predicatedBase, readElement, writeElement } from "./sve_memory_elements.ts";
import {
  eachLaneOf,
  firstAddress,
  isBit,
  type Offset,
  vectorLengthOf,
  withBase,
} from "./sve_memory_quadwords.ts";
import { isActive, laneCount, laneOf, setLanes, vectorLength } from "./sve_registers.ts";

/** "{z0.b, z1.b}", "{z0.b-z2.b}", and from Z31 on "{z31.b, z0.b, z1.b}". */
function listName({ Zt }: Fields, count: number, size: number): string {
  const names = Array.from({ length: count }, (_, n) => z((Zt! + n) % 32, size));
  const isRange = count > 2 && Zt! + count <= 32;
  return isRange ? `{${names[0]}-${names[count - 1]}}` : `{${names.join(", ")}}`;
}

interface Mode {
  readonly name: string;
  readonly by: Offset;
  readonly offset: (cpu: Cpu, fields: Fields, count: number, size: number) => bigint;
  readonly text: (fields: Fields, count: number, size: number) => string;
  readonly valid?: (fields: Fields) => boolean;
}

const byRegister: Mode = {
  name: "scalar plus scalar",
  by: "register",
  offset: (cpu, f, _, size) => cpu.readX(f.Rm!) << BigInt(size),
  text: (f, _, size) => registerAddress(f, size),
  valid: ({ Rm }) => Rm !== 31,
};
const byImmediate: Mode = {
  name: "scalar plus immediate",
  by: "vectors",
  offset: (cpu, f, count) => BigInt(vectorImmediate(f) * count * vectorLength(cpu)),
  text: (f, count) => immediateAddress(f, vectorImmediate(f) * count),
};

/** Of the element for the n-th register's lane. */
function addresses(cpu: Cpu, f: Fields, count: number, size: number, mode: Mode) {
  const first = predicatedBase(cpu, f, size) + mode.offset(cpu, f, count, size);
  return (lane: number, n: number) => first + BigInt((lane * count + n) << size);
}

const last = (count: number) => const64(vectorAt(32 - count));

/** The vectors as an operand and the bytes from one to the next; the code where all is at hand, else `run`. */
function structureCode(
  count: number,
  size: number,
  { by }: Mode,
  isWrite: boolean,
): Pick<Meaning, "operands" | "forms" | "immediate" | "emit"> {
  const element = { msz: size, size, isSigned: false }, bytes = 1 << size as AccessBytes;
  const numbers = Array.from({ length: count }, (_, n) => n);
  const inRow = (t: Target, first: I64) => {
    const lane = ({ lane, setLane, offset }: QuadwordTarget, byte: I64) => {
      const at = add(first, mul(add(offset(), byte), const64(count)));
      const place = (n: number) => add(byte, const64(n * vectorBytes));
      const address = (n: number) => add(at, const64(n << size));
      return {
        move: numbers.map((n) =>
          isWrite
            ? t.store(bytes, address(n), lane("Zt", size, place(n)))
            : setLane("Zt", size, place(n), t.load(bytes, address(n)))
        ),
        clear: isWrite ? [] : numbers.map((n) => setLane("Zt", size, place(n), const64(0))),
      };
    };
    return t.eachQuadword((quadword) =>
      bind32(quadword.bits("Pg"), (bits) =>
        eachLaneOf(size, (byte) => {
          const { move, clear } = lane(quadword, extendU32(byte));
          return when(isBit(bits, byte), sequence(...move), sequence(...clear));
        }))
    );
  };
  return {
    operands: {
      Zt: vector("Zt"),
      Pg: predicate("Pg"),
      Rn: orSp("Rn"),
      ...(by === "register" && { Rm: read("Rm") }),
    },
    ...(by === "vectors" && { immediate: (f: Fields) => vectorImmediate(f) * count }),
    forms: ["isSp"],
    emit: (t, form) =>
      withBase(
        t,
        form,
        size,
        bind64(firstAddress(t, element, by), (first) => {
          const end = sub(add(first, mul(vectorLengthOf(t), const64(count))), const64(1));
          const isAtHand = and32(t.isAtHand(first, isWrite), t.isAtHand(end, isWrite));
          // From Z31 on comes Z0.
          return when(and32(leU(t.number("Zt"), last(count)), isAtHand), inRow(t, first), t.fallBack());
        }),
      ),
  };
}

function load(count: number, size: number, encoding: string, mode: Mode): Definition {
  const name = `ld${count}${"bhwd"[size]}`, element = { msz: size, size, isSigned: false };
  return sve(`${name.toUpperCase()} (${mode.name})`, encoding, {
    ...(mode.valid && { valid: mode.valid }),
    assembly: (f) => `${name} ${listName(f, count, size)}, ${zeroing(f)}, ${mode.text(f, count, size)}`,
    ...structureCode(count, size, mode, false),
    run(cpu, f) {
      const addressOf = addresses(cpu, f, count, size, mode);
      // All are loaded, in the memory's order, before the first is written.
      const loaded = Array.from({ length: count }, () => new Array<bigint>());
      for (let lane = 0; lane < laneCount(cpu, size); lane++) {
        const isLoaded = isActive(cpu, f.Pg!, size, lane);
        loaded.forEach((values, n) =>
          values.push(isLoaded ? readElement(cpu, addressOf(lane, n), element) : 0n)
        );
      }
      loaded.forEach((values, n) => setLanes(cpu, (f.Zt! + n) % 32, size, values));
    },
  });
}

function store(count: number, size: number, encoding: string, mode: Mode): Definition {
  const name = `st${count}${"bhwd"[size]}`, element = { msz: size, size, isSigned: false };
  return sve(`${name.toUpperCase()} (${mode.name})`, encoding, {
    ...(mode.valid && { valid: mode.valid }),
    assembly: (f) => `${name} ${listName(f, count, size)}, p${f.Pg}, ${mode.text(f, count, size)}`,
    ...structureCode(count, size, mode, true),
    run(cpu, f) {
      const addressOf = addresses(cpu, f, count, size, mode);
      for (let lane = 0; lane < laneCount(cpu, size); lane++) {
        if (!isActive(cpu, f.Pg!, size, lane)) continue;
        for (let n = 0; n < count; n++) {
          const value = laneOf(cpu, (f.Zt! + n) % 32, size, lane);
          writeElement(cpu, addressOf(lane, n), element, value);
        }
      }
    },
  });
}

const bits = (value: number) => value.toString(2).padStart(2, "0");

export const sveStructures: readonly Definition[] = [2, 3, 4].flatMap((count) =>
  [0, 1, 2, 3].flatMap((size) => {
    const kind = `${bits(size)} ${bits(count - 1)}`;
    return [
      load(count, size, `1010010 ${kind} Rm:5 110 Pg:3 Rn:5 Zt:5`, byRegister),
      load(count, size, `1010010 ${kind} 0 imm4:4 111 Pg:3 Rn:5 Zt:5`, byImmediate),
      store(count, size, `1110010 ${kind} Rm:5 011 Pg:3 Rn:5 Zt:5`, byRegister),
      store(count, size, `1110010 ${kind} 1 imm4:4 111 Pg:3 Rn:5 Zt:5`, byImmediate),
    ];
  })
);
