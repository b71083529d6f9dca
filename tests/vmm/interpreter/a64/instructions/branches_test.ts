import { integerInstructions } from "../../../../../vmm/interpreter/a64/instructions/integer.ts";
import { encode, fieldsOf } from "../../../../../vmm/interpreter/a64/pattern.ts";
import { caseCount } from "../oracle/case_count.ts";
import { CODE_START } from "../oracle/case.ts";
import { expectSame } from "../oracle/compare.ts";
import { Oracle } from "../oracle/oracle.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { randomStates } from "../oracle/random_state.ts";
import { singleInstruction } from "../single_instruction.ts";
import { wordsOf } from "./definition_cases.ts";

const seed = 21;
const perForm = caseCount(50);
/** In instructions: offsets within a page of code and just beyond it. */
const nearest = 1200;

const branching = integerInstructions.filter(({ branchOffset }) => branchOffset);

oracleTest("branches to the same page and the next ones land where QEMU's do", async () => {
  await using oracle = await Oracle.start();
  const states = randomStates(seed);
  const { random } = states;
  const cases = wordsOf(branching, perForm, seed).map(({ definition: { pattern }, fields }) => {
    const { name, width } = pattern.fields.find((field) => field.name.startsWith("imm"))!;
    // Not to itself: that has no end.
    const distance = (1 + random.below(nearest)) * random.of([1, -1]);
    const imm = distance & 2 ** width - 1;
    const near = fieldsOf(pattern, encode(pattern, { ...fields, [name]: imm }));
    return {
      ...states.nextCase([encode(pattern, near)]),
      pc: CODE_START + BigInt(4 * random.below(1024)),
    };
  });
  await expectSame(oracle, singleInstruction(integerInstructions), cases, { seed });
});

oracleTest("a signed pointer is branched to, whatever the keys are", async () => {
  await using oracle = await Oracle.start();
  const states = randomStates(seed);
  const PACIASP = 0xd503_233f,
    RETAA = 0xd65f_0bff,
    PACIB = 0xdac1_0441,
    BRAB = 0xd71f_0c22,
    BLRAB = 0xd73f_0c22;
  const sequences = [[PACIASP, RETAA], [PACIB, BRAB], [PACIB, BLRAB]];
  const cases = Array.from({ length: 60 }, (_, n) => {
    const each = states.nextCase(sequences[n % 3]!);
    const x = each.x.slice();
    const target = CODE_START + BigInt(0x100 + 4 * states.random.below(1000));
    x[1] = x[30] = target;
    return { ...each, x };
  });
  await expectSame(oracle, singleInstruction(integerInstructions), cases, { seed, ignore: ["x"] });
});

oracleTest(
  "a comparison and the conditional branch after it do what QEMU's do, both in one op or not",
  async () => {
    await using oracle = await Oracle.start();
    const states = randomStates(seed);
    const { random } = states;
    const register = () => random.below(31);
    const cases = Array.from({ length: 1500 }, (_, n) => {
      const sf = random.below(2) * 0x8000_0000, Rn = register(), Rd = random.of([31, register()]);
      const compared = n % 2
        ? 0x7100_0000 + sf + (random.below(4096) << 10) + (Rn << 5) + Rd
        : 0x6b00_0000 + sf + (random.of([Rn, register()]) << 16) + (Rn << 5) + Rd;
      // To its own comparison it might never end.
      const distance = (2 + random.below(nearest)) * random.of([1, -1]);
      const branch = 0x5400_0000 + ((distance & 0x7_ffff) << 5) + random.below(16);
      return {
        ...states.nextCase([compared, branch >>> 0]),
        pc: CODE_START + BigInt(4 * random.below(1024)),
      };
    });
    await expectSame(oracle, singleInstruction(integerInstructions), cases, { seed });
  },
);
