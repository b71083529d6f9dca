// Guests of random code in random states: what becomes of a guest is its own affair, but the monitor neither
// throws nor touches what is not the guest's.

import { encode, fieldsOf } from "../../../../vmm/interpreter/a64/pattern.ts";
import { contextChanged } from "../../../../vmm/interpreter/a64/execution_context.ts";
import { setPstate } from "../../../../vmm/interpreter/a64/exceptions.ts";
import { instructions } from "../../../../vmm/interpreter/a64/instructions/all.ts";
import { EL0, EL1h, PSTATE } from "../../../../vmm/interpreter/a64/pstate.ts";
import { type Random, seededRandom } from "../../../devices/random.ts";
import { type FuzzedMachine, ram, type Ran } from "./fuzzed_machine.ts";

/** Code fills the first half of the guest's memory, translation tables a page of the second. */
const codeBytes = ram.size / 2;
const tablesAt = ram.base + codeBytes;
/** Each code is entered so often, with other registers, for so many instructions. */
const lives = 10, instructionsEach = 200;

/** Addresses at which something is about to end. */
const interesting = [
  ram.base,
  ram.base + codeBytes,
  ram.base + ram.size - 1,
  ram.base + ram.size,
  tablesAt + 0xffc,
  0x0800_0000,
  0x0800_fffe,
  0x080a_0000,
  0x080a_ffff,
  0x0900_0000,
  0x0900_0fff,
  0,
];

function value(random: Random): bigint {
  switch (random.below(5)) {
    case 0:
      return BigInt(random.of(interesting)) + BigInt(random.below(64)) - 32n & 0xffff_ffff_ffff_ffffn;
    case 1:
      return BigInt(ram.base + random.below(ram.size));
    case 2:
      return BigInt(random.below(64));
    case 3:
      return BigInt.asUintN(64, -1n << BigInt(random.below(64)));
    default:
      return BigInt(random.word()) << 32n | BigInt(random.word());
  }
}

const accesses = instructions.filter(({ name }) => /^(LD|ST|SWP|CAS)/.test(name));

/** A word that some definition has, or any word at all. */
function word(random: Random): number {
  if (random.below(5) === 0) return random.word();
  const { pattern } = random.of(random.below(3) ? accesses : instructions);
  const fields = fieldsOf(pattern, random.word());
  // Small distances stay near the addresses that are interesting.
  const isNear = random.below(4) > 0;
  for (const { name, width } of pattern.fields) {
    if (isNear && name.startsWith("imm") && width > 3) fields[name] = random.below(4);
  }
  return encode(pattern, fields);
}

/** Block, table, page and invalid descriptors that lead into memory, to themselves, or nowhere. */
function descriptor(random: Random): bigint {
  const target = BigInt(random.of([ram.base, tablesAt, tablesAt, 0, 0x0900_0000, random.word()]));
  return target & ~0xfffn | BigInt(random.word() & 0xffc) | BigInt(random.below(4)) |
    (random.below(4) === 0 ? BigInt(random.word()) << 32n : 0n);
}

/** Fills the machine anew; answers where its code is. */
function prepare({ memory, cpu }: FuzzedMachine, random: Random): number {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  const from = random.below(codeBytes / 0x1_0000) * 0x1_0000;
  for (let at = from; at < from + 0x4000; at += 4) view.setUint32(at, word(random), true);
  for (let at = codeBytes; at < codeBytes + 0x1000; at += 8) view.setBigUint64(at, descriptor(random), true);
  // A handler, or vectors that are random code, or nowhere.
  const vectors = ram.base + from + random.of([0x4000, 0x4000, 0x4000, 0x800, -0x8000_0000]);
  if (vectors === ram.base + from + 0x4000) writeHandlers(view, vectors, ram.base + from);
  cpu.setSystem("VBAR_EL1", BigInt(Math.max(vectors, 0)));
  cpu.setSystem("CPACR_EL1", random.below(8) ? 0x33_0000n : BigInt(random.word()));
  return ram.base + from;
}

function enter({ cpu }: FuzzedMachine, random: Random, codeAt: number) {
  for (let n = 0; n < 32; n++) cpu.x[n] = value(random);
  cpu.nzcv = (random.word() & 0xf000_0000) >>> 0;
  setTranslation(cpu, random);
  setPstate(cpu, random.of([EL0, EL1h, EL1h, 4]) | (random.word() & (PSTATE.DAIF | PSTATE.PAN)));
  contextChanged(cpu);
  cpu.pc = BigInt(codeAt + 4 * random.below(0x1000));
}

/**
 * At each vector: goes on in the code after the instruction that took the exception, with X28 lost. The address is
 * brought into the 16 KiB of code, wherever a branch led to.
 */
function handler(codeAt: number): readonly number[] {
  return [
    0xd538_403c, // mrs x28, elr_el1
    0x9100_139c, // add x28, x28, #4
    0x927e_2f9c, // and x28, x28, #0x3ffc
    0xf2a0_001c | codeAt >>> 16 << 5, // movk x28, #(codeAt >> 16), lsl #16
    0xd518_403c, // msr elr_el1, x28
    0xd69f_03e0, // eret
  ];
}

function writeHandlers(view: DataView, vectors: number, codeAt: number) {
  for (let vector = 0; vector < 0x800; vector += 0x80) {
    handler(codeAt).forEach((word, n) =>
      view.setUint32(vectors - ram.base + vector + 4 * n, word >>> 0, true)
    );
  }
}

/** Off; with a table of blocks that cover the guest's memory; with random tables; with registers at random. */
function setTranslation(cpu: FuzzedMachine["cpu"], random: Random) {
  const kind = random.below(4);
  cpu.setSystem("SCTLR_EL1", 0x30d0_0800n | BigInt(random.word() & 0x4000_401a) | (kind ? 1n : 0n));
  cpu.setSystem("TTBR0_EL1", BigInt(tablesAt));
  cpu.setSystem("TTBR1_EL1", BigInt(random.of([tablesAt, 0, ram.base + ram.size])));
  cpu.setSystem("MAIR_EL1", 0xff04_4400_bbffn);
  cpu.setSystem(
    "TCR_EL1",
    kind === 2 ? BigInt(random.of([0x19, 0x10, 0x80_0019, 0x5_0019_0019])) : 0x80_0019n,
  );
  if (kind === 1) {
    const { view } = cpu.memory;
    const at = cpu.memory.offsetOf(tablesAt);
    view.setBigUint64(at, 0x405n, true);
    view.setBigUint64(at + 8, BigInt(ram.base) | 0x701n | BigInt(random.of([0, 0x40])), true);
  }
  if (kind !== 3) return;
  for (const name of ["TCR_EL1", "TTBR0_EL1", "TTBR1_EL1", "MAIR_EL1", "SCTLR_EL1"]) {
    if (random.below(2)) cpu.setSystem(name, value(random));
  }
}

/** Throws what the monitor throws, or what a guest could see or do, with the seed by which it comes again. */
export function runRandomGuest(machine: FuzzedMachine, seed: number): Ran {
  const random = seededRandom(seed);
  const codeAt = prepare(machine, random);
  const ran = { instructions: 0, exits: 0 };
  for (let life = 0; life < lives; life++) {
    enter(machine, random, codeAt);
    const { instructions, exits } = runOrSay(machine, seed, random);
    ran.instructions += instructions;
    ran.exits += exits;
    if (machine.hasSeenGuard()) throw new Error(`seed ${seed}: the guest read beside its memory`);
  }
  if (machine.isDamaged()) throw new Error(`seed ${seed}: the guest wrote beside its memory`);
  return ran;
}

function runOrSay(machine: FuzzedMachine, seed: number, random: Random): Ran {
  try {
    return machine.run(instructionsEach, random);
  } catch (error) {
    const at = machine.cpu.pc.toString(16);
    throw new Error(`seed ${seed}, at 0x${at}: ${(error as Error).message}`, { cause: error });
  }
}
