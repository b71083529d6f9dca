import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { loadStoreInstructions } from "../../../../../vmm/interpreter/a64/instructions/load_store.ts";
import { pointerAuthentication } from "../../../../../vmm/interpreter/a64/instructions/pointer_authentication.ts";
import { type Case, MEMORY, type Outcome } from "../oracle/case.ts";
import { expectSame } from "../oracle/compare.ts";
import { Oracle } from "../oracle/oracle.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { randomStates } from "../oracle/random_state.ts";
import type { Part } from "../oracle/state_differences.ts";
import { singleInstruction } from "../single_instruction.ts";
import { immediateOffset, loadStoreCase, withBase } from "./load_store_cases.ts";

const seed = 20;
const casesOfEach = 50;

/** Its base has to be signed first. */
const needsSignedBase = ({ name }: Definition) => name.startsWith("LDRA");

/** QEMU 7.2 forgets that LDAPR checks alignment. */
function isMisalignedLdapr({ name }: Definition, each: Case): boolean {
  const base = each.words[0]! >>> 5 & 31;
  const address = base === 31 ? each.sp : each.x[base]!;
  return name === "LDAPR" && address % 8n !== 0n;
}

/** Whether an address is the scratch memory's or one around it, not one that was loaded as data. */
const isNear = (address: bigint) => address - MEMORY.base < 0x2_0000n && address - MEMORY.base > -0x2_0000n;

/**
 * Of an instruction of several accesses, one of which faults, the architecture leaves open which of the others
 * took place, and which vector registers were loaded. Linux tells of an address that is no program's in ways
 * of its own.
 */
function ignore(_: Case, { signal, faultAddress }: Outcome): readonly Part[] {
  if (signal === undefined) return [];
  return isNear(faultAddress ?? 0n) ? ["v", "memory"] : ["v", "memory", "faultAddress"];
}

oracleTest(
  "loads and stores do what QEMU does, at every alignment and across the memory's edges",
  async () => {
    await using oracle = await Oracle.start();
    const states = randomStates(seed);
    const cases = loadStoreInstructions.filter((each) => !needsSignedBase(each)).flatMap((definition) => {
      const offset = immediateOffset(definition);
      return Array.from({ length: casesOfEach }, () => loadStoreCase(states, definition, offset))
        .filter((each) => !isMisalignedLdapr(definition, each));
    });
    await expectSame(oracle, singleInstruction(loadStoreInstructions), cases, { seed, ignore });
  },
);

/** What may stand between a load exclusive from X0 and its store: nothing, a store to the same place, another pair. */
const between: readonly (readonly number[])[] = [
  [],
  [0xf9800000], // PRFM PLDL1KEEP, [X0]
  [0xf9000005], // STR X5, [X0]
  [0x39000005], // STRB W5, [X0]
  [0xc85f7c06], // LDXR X6, [X0]
  [0xc8067c05], // STXR W6, X5, [X0]
];

/** Load exclusive to X1 and X2, store exclusive of X3 and X4 with the status in W6, of one size. */
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

oracleTest("a store exclusive succeeds where QEMU's does", async () => {
  await using oracle = await Oracle.start();
  const states = randomStates(seed);
  const cases = exclusivePairs.flatMap(([load, store]) =>
    between.flatMap((middle) =>
      Array.from({ length: 10 }, (_, n) => {
        const each = states.nextCase([load, ...middle, store]);
        const offset = BigInt(states.random.below(64) * 16 + (n === 0 ? 4 : 0));
        return withBase(each, { Rn: 0 }, MEMORY.base + offset);
      })
    )
  );
  // STXR to X6 after an LDXP or LDXR of another size is CONSTRAINED UNPREDICTABLE.
  const isDefined = ({ words }: Case) =>
    !(words[1] === 0xc8067c05 || words[1] === 0xc85f7c06) || (words[0]! & ~0x8000) === 0xc85f7c01;
  await expectSame(oracle, singleInstruction(loadStoreInstructions), cases.filter(isDefined), { seed });
});

oracleTest("LDRAA and LDRAB load by a base that was signed with their key", async () => {
  await using oracle = await Oracle.start();
  const states = randomStates(seed);
  const definitions = [...loadStoreInstructions, ...pointerAuthentication];
  const signing = [0xdac12be1, 0xdac12fe1]; // PACDZA X1, PACDZB X1
  const cases = Array.from({ length: 200 }, (_, n) => {
    const offset = states.random.below(64) - 32;
    // LDRAA or LDRAB X2, [X1, #offset]!: written back, X1 is the address without the code.
    const load = (0xf8200c22 | (n & 1) << 23 | (offset & 0x200) << 13 | (offset & 0x1ff) << 12) >>> 0;
    const each = states.nextCase([signing[n & 1]!, load]);
    const base = MEMORY.base + BigInt(states.random.below(Number(MEMORY.size)));
    return withBase(each, { Rn: 1 }, base);
  });
  const ignoreBase = (_: Case, { signal }: Outcome): readonly Part[] => signal ? ["x"] : [];
  await expectSame(oracle, singleInstruction(definitions), cases, { seed, ignore: ignoreBase });
});
