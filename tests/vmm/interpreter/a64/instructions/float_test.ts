import { floatInstructions, scalarFloatInstructions } from "../../../../../vmm/interpreter/a64/instructions/float.ts";
import { expectSame } from "../oracle/compare.ts";
import { Oracle } from "../oracle/oracle.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { singleInstruction } from "../single_instruction.ts";
import { floatCases } from "./float_cases.ts";

const seed = 30;
const perForm = 100;

oracleTest("every scalar floating-point instruction does what QEMU does, in every mode", async () => {
  await using oracle = await Oracle.start();
  const cases = floatCases(scalarFloatInstructions, perForm, seed);
  await expectSame(oracle, singleInstruction(floatInstructions), cases, { seed });
});
