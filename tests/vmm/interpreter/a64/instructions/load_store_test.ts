import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { addSubtractImmediate } from "../../../../../vmm/interpreter/a64/instructions/add_subtract_immediate.ts";
import { loadStoreInstructions } from "../../../../../vmm/interpreter/a64/instructions/load_store.ts";
import { pointerAuthentication } from "../../../../../vmm/interpreter/a64/instructions/pointer_authentication.ts";
import { caseCount } from "../oracle/case_count.ts";
import { type Case, MEMORY, type Outcome } from "../oracle/case.ts";
import { expectSame } from "../oracle/compare.ts";
import { Oracle } from "../oracle/oracle.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { randomStates } from "../oracle/random_state.ts";
import type { Part } from "../oracle/state_differences.ts";
import { singleInstruction } from "../single_instruction.ts";
import { immediateOffset, loadStoreCase, withBase } from "./load_store_cases.ts";

const seed = 20;
const casesOfEach = caseCount(50);

/** Their bases have to be signed first. */
const needsSignedBase = ({ name }: Definition) => name.startsWith("LDRA");
/** Of several accesses, of which one may fault alone. */
const isSeveral = ({ name }: Definition) => /^(LDN?P|STN?P|LD\d|ST\d)| Qt /.test(name);
const ordinary = loadStoreInstructions.filter((each) => !needsSignedBase(each));

/** QEMU 7.2 forgets that LDAPR checks alignment; done twice, it may have loaded the second address itself. */
function isMisalignedLdapr({ name }: Definition, { words, sp, x }: Case): boolean {
  const base = words[0]! >>> 5 & 31;
  const address = base === 31 ? sp : x[base]!;
  const loadsItsBase = words.length > 1 && base === (words[0]! & 31);
  return name === "LDAPR" && (address % 8n !== 0n || loadsItsBase);
}

/** Whether an address is the scratch memory's or one around it, not one that was loaded as data. */
const isNear = (address: bigint) => address - MEMORY.base < 0x2_0000n && address - MEMORY.base > -0x2_0000n;

/** Linux tells of an address that is no program's in ways of its own. */
const ignoreForeignAddress = (_: Case, { faultAddress }: Outcome): readonly Part[] =>
  faultAddress === undefined || isNear(faultAddress) ? [] : ["faultAddress"];

/** After a fault the architecture leaves open which other accesses took place, and what vectors hold. */
const ignoreParts = (each: Case, expected: Outcome): readonly Part[] =>
  expected.signal === undefined ? [] : ["v", "memory", ...ignoreForeignAddress(each, expected)];

async function expectAllSame(definitions: readonly Definition[], ignore: typeof ignoreParts) {
  await using oracle = await Oracle.start();
  const states = randomStates(seed);
  const cases = definitions.flatMap((definition) => {
    const offset = immediateOffset(definition);
    return Array.from({ length: casesOfEach }, () => loadStoreCase(states, definition, offset))
      .filter((each) => !isMisalignedLdapr(definition, each));
  });
  await expectSame(oracle, singleInstruction(definitions), cases, { seed, ignore });
}

oracleTest(
  "loads and stores do what QEMU does at every alignment and across the memory's edges",
  async () => {
    await expectAllSame(ordinary.filter((each) => !isSeveral(each)), ignoreForeignAddress);
  },
);

oracleTest("loads and stores of several registers do what QEMU does", async () => {
  await expectAllSame(ordinary.filter(isSeveral), ignoreParts);
});

/** Of X2 and X3 with what is at X5, which is as they are. */
const swaps: readonly number[] = [
  0x08a27ca6, // CASB W2, W6, [X5]
  0x48e2fca6, // CASALH W2, W6, [X5]
  0x88a27ca6, // CAS W2, W6, [X5]
  0xc8a27ca6, // CAS X2, X6, [X5]
  0x08227ca6, // CASP W2, W3, W6, W7, [X5]
  0x48227ca6, // CASP X2, X3, X6, X7, [X5]
  0x48627cbe, // CASPA X2, X3, X30, XZR, [X5]
];

oracleTest("a compare and swap of what is there swaps, whether or not the TLB has the page", async () => {
  await using oracle = await Oracle.start();
  const states = randomStates(seed);
  const loadByte = 0x394000a4; // LDRB W4, [X5], by which the TLB has it
  const cases = swaps.flatMap((swap) =>
    [[swap], [loadByte, swap], [swap, swap]].map((words) => {
      const each = states.nextCase(words);
      const at = 16 * states.random.below(64);
      const x = each.x.slice();
      x[2] = new DataView(each.memory.buffer).getBigUint64(at, true);
      x[3] = swap === 0x08227ca6 ? x[2] >> 32n : new DataView(each.memory.buffer).getBigUint64(at + 8, true);
      x[5] = MEMORY.base + BigInt(at);
      return { ...each, x };
    })
  );
  await expectSame(oracle, singleInstruction(loadStoreInstructions), cases, { seed });
});

/** What may stand between a load exclusive from X0 and its store: among it a store to the same place. */
const between: readonly (readonly number[])[] = [
  [],
  [0xf9800000], // PRFM PLDL1KEEP, [X0]
  [0xf9000005], // STR X5, [X0]
  [0x39000005], // STRB W5, [X0]
  [0x91004000], // ADD X0, X0, #16
];

/** Load exclusive to X1 and X2, store exclusive of X3 and X4 with the status in W6. */
const exclusivePairs: readonly (readonly [load: number, store: number])[] = [
  [0x085f7c01, 0x08067c03], // LDXRB, STXRB
  [0x485f7c01, 0x48067c03], // LDXRH, STXRH
  [0x885f7c01, 0x88067c03], // LDXR, STXR of 32 bits
  [0xc85f7c01, 0xc8067c03], // LDXR, STXR of 64 bits
  [0xc85ffc01, 0xc806fc03], // LDAXR, STLXR
  [0x887f0801, 0x88261003], // LDXP, STXP of 32 bits
  [0xc87f0801, 0xc8261003], // LDXP, STXP of 64 bits
  [0xc87f8801, 0xc8269003], // LDAXP, STLXP
];

oracleTest("a store exclusive succeeds where QEMU's does, and once", async () => {
  await using oracle = await Oracle.start();
  const states = randomStates(seed);
  const cases = exclusivePairs.flatMap(([load, store]) =>
    [...between.map((middle) => [load, ...middle, store]), [load, store, store]].flatMap((words) =>
      Array.from({ length: 10 }, (_, n) => {
        const offset = BigInt(states.random.below(64) * 16 + (n === 0 ? 4 : 0));
        return withBase(states.nextCase(words), { Rn: 0 }, MEMORY.base + offset);
      })
    )
  );
  const definitions = [...loadStoreInstructions, ...addSubtractImmediate];
  await expectSame(oracle, singleInstruction(definitions), cases, { seed });
});

oracleTest("LDRAA and LDRAB load by a base that was signed with their key", async () => {
  await using oracle = await Oracle.start();
  const states = randomStates(seed);
  const signing = [0xdac12be1, 0xdac12fe1]; // PACDZA X1, PACDZB X1
  const cases = Array.from({ length: 200 }, (_, n) => {
    const offset = states.random.below(1024);
    // LDRAA or LDRAB X2, [X1, #offset]!: written back, X1 is the address without the code.
    const load = (0xf8200c22 | (n & 1) << 23 | (offset & 0x200) << 13 | (offset & 0x1ff) << 12) >>> 0;
    const each = states.nextCase([signing[n & 1]!, load]);
    const base = MEMORY.base + BigInt(states.random.below(Number(MEMORY.size)));
    return withBase(each, { Rn: 1 }, base);
  });
  const definitions = [...loadStoreInstructions, ...pointerAuthentication];
  // Where the load faults X1 is still signed, with a key that only QEMU knows.
  const ignore = (_: Case, { signal }: Outcome): readonly Part[] => signal ? ["x"] : [];
  await expectSame(oracle, singleInstruction(definitions), cases, { seed, ignore });
});
