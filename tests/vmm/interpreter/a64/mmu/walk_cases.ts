// Random translation tables with accesses to what they map, and beside it (Arm DDI 0487, "The AArch64 Virtual
// Memory System Architecture").

import type { Random } from "../../../../devices/random.ts";
import type { AccessKind } from "./walk_program.ts";
import {
  type Defect,
  descriptorsOf,
  Draw,
  ones,
  outputBits,
  type Poke,
  type Shape,
  shapeOf,
  shiftAt,
  tables,
  tcrOf,
  window,
} from "./walk_tables.ts";

export interface WalkAccess {
  readonly kind: AccessKind;
  readonly address: bigint;
  /** PSTATE while it is done. */
  readonly spsr: bigint;
}

export interface WalkCase {
  readonly isUpper: boolean;
  /** Without what the other half needs. */
  readonly tcr: bigint;
  readonly ttbr: bigint;
  readonly mair: bigint;
  /** To be set besides the usual. */
  readonly sctlr: bigint;
  readonly granule: number;
  readonly inputBits: number;
  readonly defect: Defect;
  readonly defectLevel: number;
  readonly startLevel: number;
  readonly lastLevel: number;
  /** In the tables, from the first level on; the last is the descriptor that maps the address. */
  readonly descriptors: readonly Poke[];
  /** Those that are done, and AT's; the last descriptor is told after each group. */
  readonly accesses: readonly WalkAccess[];
  readonly translations: readonly WalkAccess[];
}

const levels = { el1: 0x3c5n, el0: 0x3c0n };
const PAN = 1n << 22n, UAO = 1n << 23n;
const states = [levels.el1, levels.el1, levels.el0, levels.el0, levels.el1 | PAN, levels.el1 | UAO];

/** `address` with a tag now and then, or with a bit of neither half. */
function disguised(draw: Draw, address: bigint, inputBits: number): bigint {
  if (draw.chance(35)) return address & ones(56) | draw.wide() >> 56n << 56n;
  if (draw.chance(5)) return address ^ 1n << BigInt(inputBits + draw.random.below(55 - inputBits));
  return address;
}

const doneKinds: readonly AccessKind[] = [
  "ldr",
  "ldr",
  "str",
  "str",
  "ldtr",
  "sttr",
  "execute",
  "execute",
  "ldadd",
  "ldxr",
  "zva",
  "ldrq",
  "stp",
];
/** Where in a page it is done. */
const offsets: Partial<Record<AccessKind, bigint>> = { execute: 8n, zva: 0x800n, stp: 16n };
const translationKinds: readonly AccessKind[] = [
  "at s1e1r",
  "at s1e1w",
  "at s1e0r",
  "at s1e0w",
  "at s1e1rp",
  "at s1e1wp",
];

/** Addresses that the last descriptor maps into the window, one now and then that is beside it. */
function addressesOf(draw: Draw, shape: Shape, address: bigint, target: bigint): bigint[] {
  const shift = shiftAt(shape, shape.lastLevel);
  const others = [1, 2, 3, 4].map(() => pageInWindow(draw))
    .filter((other) => other >> shift === target >> shift).map((other) => address + other - target);
  const beside = BigInt.asUintN(64, address + (1n << shift));
  const hasBeside = draw.chance(20) && (shape.startLevel >= 0 || beside >> 48n === address >> 48n);
  return [address, address, ...others, ...hasBeside ? [beside] : []];
}

const pageInWindow = ({ random }: Draw) => window.base + BigInt(random.below(window.pages)) * 0x1000n;

/** Anything that TCR_EL1.IPS allows, so that it is no place to go to: AT tells of it. */
function pageAnywhere(draw: Draw, { ips, isDs, granule }: Shape): bigint {
  const most = isDs || granule.bits === 16 ? 52 : 48;
  return draw.wide() & ones(Math.min(outputBits[ips]!, most)) & ~0xfffn;
}

/** TTBRn_EL1's bit beyond TCR_EL1.IPS. */
function firstTableTooLarge(draw: Draw, { ips }: Shape): bigint {
  const least = outputBits[ips]!;
  return least >= 48 ? 0n : 1n << BigInt(least + draw.random.below(48 - least));
}

/** Of data and of device memory; the first is that of the program. */
const memoryAttributes = [0xffn, 0x44n, 0x00n, 0x04n, 0x0cn, 0xbbn, 0xf4n, 0x4fn];

function inputAddress(draw: Draw, shape: Shape, target: bigint): bigint {
  const { inputBits, isUpper } = shape;
  const below = ones(Number(shiftAt(shape, shape.lastLevel)));
  const input = (draw.wide() & ~below | target & below) & ones(inputBits);
  return isUpper ? BigInt.asUintN(64, -1n << BigInt(inputBits)) | input : input;
}

export function walkCase(random: Random, isUpper: boolean): WalkCase {
  const draw = new Draw(random);
  const shape = shapeOf(draw, isUpper);
  const { inputBits, granule, lastLevel, defect, defectLevel, startLevel } = shape;
  const isAnywhere = draw.chance(15);
  const target = isAnywhere ? pageAnywhere(draw, shape) : pageInWindow(draw);
  const address = inputAddress(draw, shape, target);
  const shift = shiftAt(shape, lastLevel);
  const places = addressesOf(draw, shape, address, target);
  const pick = (kinds: readonly AccessKind[], states: readonly bigint[], count: number): WalkAccess[] =>
    Array.from({ length: count }, () => {
      const kind = random.of(kinds);
      const at = disguised(draw, random.of(places), inputBits);
      return { kind, address: at + (offsets[kind] ?? 0n), spsr: random.of(states) };
    });
  return {
    isUpper,
    tcr: tcrOf(draw, shape),
    ttbr: tables | (defect === "first table too large" ? firstTableTooLarge(draw, shape) : 0n),
    mair: memoryAttributes.reduce((all, one, index) => all | one << BigInt(8 * index), 0n),
    sctlr: draw.bits([19], 15),
    granule: granule.bits,
    inputBits,
    defect,
    defectLevel,
    startLevel,
    lastLevel,
    descriptors: descriptorsOf(draw, shape, address, target >> shift << shift),
    accesses: isAnywhere ? [] : pick(doneKinds, states, 8),
    translations: pick(translationKinds, states.filter((state) => (state & 0xcn) !== 0n), 5),
  };
}
