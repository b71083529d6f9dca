import { integerInstructions } from "../../../../../vmm/interpreter/a64/instructions/integer.ts";
import type { Definition, Fields } from "../../../../../vmm/interpreter/a64/definition.ts";
import { caseCount } from "../oracle/case_count.ts";
import { type Case, CODE, CODE_START } from "../oracle/case.ts";
import { expectSame } from "../oracle/compare.ts";
import { Oracle } from "../oracle/oracle.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { randomStates } from "../oracle/random_state.ts";
import { singleInstruction } from "../single_instruction.ts";
import { wordsOf } from "./definition_cases.ts";

const seed = 20;
const perForm = caseCount(50);

const isRegisterBranch = ({ name }: Definition) => ["BR", "BLR", "RET"].includes(name);
/** Signed pointers depend on keys that only QEMU knows: pointer_authentication_test.ts. */
const isPointerAuthentication = ({ name }: Definition) => /^(PAC|AUT|XPAC|BRA|BLRA|RETA)/.test(name);
/** The seed that is told is also where the states come from. */
const states = randomStates(seed);

function withTarget(each: Case, { Rn }: Fields): Case {
  const x = each.x.slice();
  const { random } = states;
  const offset = BigInt(random.below(Number(CODE.size) / 4) * 4 + (random.below(16) ? 0 : random.below(4)));
  if (Rn !== 31) x[Rn!] = CODE.base + offset;
  return { ...each, x };
}

const integer = integerInstructions.filter((definition) => !isPointerAuthentication(definition));

oracleTest("every integer instruction and branch does what QEMU does", async () => {
  await using oracle = await Oracle.start();
  const cases = wordsOf(integer, perForm, seed).map(({ definition, fields, word }) => {
    const each = states.nextCase([word]);
    return isRegisterBranch(definition) ? withTarget(each, fields) : each;
  });
  await expectSame(oracle, singleInstruction(integerInstructions), cases, { seed });
});

oracleTest("PC-relative addresses are those of any place in a page", async () => {
  await using oracle = await Oracle.start();
  const relative = integer.filter(({ name }) => name === "ADR" || name === "ADRP" || name === "BL");
  const cases = wordsOf(relative, perForm, seed).map(({ word }) => ({
    ...states.nextCase([word]),
    pc: CODE_START + BigInt(4 * (states.random.below(4096) - 2048)),
  }));
  await expectSame(oracle, singleInstruction(integerInstructions), cases, { seed });
});
