// Compiled regions: what they do is what the interpreter does one by one, which is checked against QEMU elsewhere.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Random, seededRandom } from "../../../../devices/random.ts";
import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { breakpointOffset, type Engine } from "../../../../../vmm/interpreter/a64/engine.ts";
import { generalInstructions } from "../../../../../vmm/interpreter/a64/instructions/general.ts";
import { encode } from "../../../../../vmm/interpreter/a64/pattern.ts";
import { mostRegions } from "../../../../../vmm/interpreter/a64/op.ts";
import { caseCount } from "../oracle/case_count.ts";
import { codeStart, dataStart, engineAt, offsetOf, stateOf, thrownBy } from "../engine_at_code.ts";

const base = 28;
/** By their names: what programs are made of. Branches go to one of the program's instructions. */
const isStraight = (definition: Definition) =>
  definition.isHot === true && definition.branchOffset === undefined &&
  /^(ADD|SUB|AND|ORR|EOR|BIC|ORN|EON|MOV|UBFM|SBFM|BFM|EXTR|ADC|SBC|CC|CS|CLZ|REV|LSLV|ASRV|MADD|MSUB|MRS NZCV|MSR NZCV|SETF|RMIF|CFINV)/
    .test(definition.name);
const isAccess = ({ name }: Definition) =>
  /^(LDR|STR|LDRS?[BHW]|STR[BH]|LDP|STP) ?.*\((unsigned immediate|offset)\)$/.test(name);
const isBranch = ({ name }: Definition) => /^(B|BL|B\.cond|CBZ|CBNZ|TBZ|TBNZ)$/.test(name);

const straight = generalInstructions.filter(isStraight),
  accesses = generalInstructions.filter((one) => isAccess(one) && one.uses === undefined),
  branches = generalInstructions.filter(isBranch);

const length = 48;

function branchTo(random: Random, { pattern }: Definition, at: number): number {
  const field = pattern.fields.find((one) => one.name.startsWith("imm"))!;
  const others = Object.fromEntries(pattern.fields.map((one) => [one.name, random.below(2 ** one.width)]));
  const distance = random.below(length) - at;
  return encode(pattern, { ...others, [field.name]: distance & 2 ** field.width - 1 });
}

function anyOf(random: Random, from: readonly Definition[], fixed: Record<string, number>): number {
  for (;;) {
    const { pattern, valid } = from[random.below(from.length)]!;
    const fields = Object.fromEntries(
      pattern.fields.map(({ name, width }) => [name, fixed[name] ?? random.below(2 ** width)]),
    );
    // The base stays as it is.
    if ([fields.Rd, fields.Rt, fields.Rt2].includes(base)) continue;
    if (fields.Rt !== undefined && fields.Rt === fields.Rt2) continue;
    if (valid?.(fields) ?? true) return encode(pattern, fields);
  }
}

function wordAt(random: Random, at: number): number {
  const kind = random.below(10);
  if (kind < 2) return branchTo(random, branches[random.below(branches.length)]!, at);
  if (kind < 4) return anyOf(random, accesses, { Rn: base, imm12: random.below(64), imm7: random.below(32) });
  return anyOf(random, straight, {});
}

function start(words: readonly number[], isInTlb: boolean, seed: number): Engine {
  const engine = engineAt(words, isInTlb);
  const random = seededRandom(seed);
  for (let n = 0; n < 31; n++) engine.cpu.x[n] = BigInt(random.word()) << 32n >> BigInt(random.below(64));
  engine.cpu.x[base] = BigInt(dataStart);
  engine.cpu.sp = BigInt(dataStart);
  return engine;
}

Deno.test("a region does what its instructions do one by one, and counts them so", () => {
  for (let seed = 1; seed <= caseCount(300); seed++) {
    const random = seededRandom(seed);
    const words = [
      ...Array.from({ length }, (_, at) => wordAt(random, at)),
      0x1400_0000 | -length & 0x3ff_ffff,
    ];
    const compiled = start(words, seed % 3 !== 0, seed), stepped = start(words, seed % 3 !== 0, seed);
    for (let round = 0; round < 8; round++) {
      compiled.compile();
      compiled.run(1 + random.below(200));
      while (stepped.executed < compiled.executed) stepped.step();
      assertEquals(stateOf(compiled), stateOf(stepped), `seed ${seed}, round ${round}`);
    }
  }
});

/** ADD X0, X0, #1; B back to it. */
const loop = [0x9100_0400, 0x17ff_ffff];

Deno.test("where the vcpu is often found, its code is compiled by itself", () => {
  const engine = engineAt(loop, true);
  for (let n = 0; n < 100; n++) engine.run(1000);
  assert(engine.regions > 0);
  assertEquals(engine.cpu.readX(0), BigInt(engine.executed / 2));
});

Deno.test("a load at a region's beginning that the TLB does not have is the interpreter's", () => {
  // LDR X1, [X28]; ADD X0, X0, #1; B back to the load.
  const engine = engineAt([0xf940_0381, 0x9100_0400, 0x17ff_fffe], false);
  engine.cpu.x[base] = BigInt(dataStart);
  engine.compile();
  engine.run(300);
  assertEquals([engine.executed, engine.cpu.readX(0)], [300, 100n]);
});

Deno.test("code that is changed and told of is not run as it was compiled", () => {
  const engine = engineAt(loop, true);
  engine.compile();
  engine.run(100);
  const { at } = engine.host.codePage(engine.cpu);
  // ADD X0, X0, #2.
  engine.cpu.memory.view.setUint32(at, 0x9100_0800, true);
  engine.code.forgetCode(at);
  const before = engine.cpu.readX(0);
  engine.run(100);
  assertEquals(engine.cpu.readX(0) - before, 100n);
});

Deno.test("an instruction in a region that makes all code be forgotten is followed by the next", () => {
  // ADD X0, X0, #1; IC IALLU; ADD X0, X0, #1; B back to the first.
  const engine = engineAt([0x9100_0400, 0xd508_751f, 0x9100_0400, 0x17ff_fffd], true);
  for (let n = 0; n < 10; n++) {
    engine.compile();
    engine.run(4);
  }
  assertEquals([engine.executed, engine.cpu.readX(0)], [40, 20n]);
});

Deno.test("there are only so many regions: where one more is found, the others are forgotten", () => {
  // Each branches to itself.
  const engine = engineAt(new Array(mostRegions).fill(0x1400_0000), true);
  for (let n = 0; n < mostRegions; n++) {
    engine.cpu.pc = BigInt(codeStart + 4 * n);
    engine.compile();
  }
  assertEquals(engine.regions, mostRegions);
  engine.cpu.pc = BigInt(codeStart);
  engine.compile();
  assertEquals(engine.regions, 1);
  for (const n of [0, 5]) {
    engine.cpu.pc = BigInt(codeStart + 4 * n);
    engine.run(10);
    assertEquals(offsetOf(engine), 4 * n);
  }
  assertEquals(engine.executed, 20);
});

Deno.test("a step in a region is one instruction", () => {
  const engine = engineAt(loop, true);
  engine.compile();
  for (let n = 1; n <= 6; n++) {
    engine.step();
    assertEquals([engine.executed, offsetOf(engine)], [n, 4 * (n % 2)]);
  }
});

Deno.test("a breakpoint in a region is stopped at", () => {
  const engine = engineAt(loop, true);
  engine.compile();
  engine.run(10);
  const { debug } = engine.cpu;
  debug.offsets = new Set([4]);
  debug.onOffsets(new Set(), debug.offsets);
  assertEquals(thrownBy(() => engine.run(1000)), breakpointOffset);
  assertEquals(offsetOf(engine), 4);
  debug.offsets = new Set();
  debug.onOffsets(new Set([4]), debug.offsets);
  engine.run(1000);
});

Deno.test("an exception in a region finds the state of its instruction", () => {
  // ADD X0, X0, #1; CMP X0, #5; B.NE to the first; UDF.
  const engine = engineAt([0x9100_0400, 0xf100_141f, 0x54ff_ffc1, 0], true);
  engine.compile();
  assertThrows(() => engine.run(1000), Error, "exception class 0");
  assertEquals([engine.executed, offsetOf(engine), engine.cpu.readX(0)], [16, 12, 5n]);
  assertEquals(engine.cpu.nzcv, 0x6000_0000);
});
