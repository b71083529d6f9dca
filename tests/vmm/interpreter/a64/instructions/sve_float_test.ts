import { assertEquals } from "@std/assert";
import { sveFloatInstructions } from "../../../../../vmm/interpreter/a64/instructions/sve_float.ts";
import { sveFloatMatrix } from "../../../../../vmm/interpreter/a64/instructions/sve_float_matrix.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { randomStates } from "../oracle/random_state.ts";
import { singleInstruction } from "../single_instruction.ts";
import { drawFloatCase, expectAsQemu, vectorLengths } from "./sve_cases.ts";

/** QEMU 7.2 lets it pass, and do nothing, where the vector is too short for a matrix. */
const isWideMatrix = ({ name }: { name: string }) => name === "FMMLA (D)";
const wideMatrix = sveFloatMatrix.filter(isWideMatrix);

oracleTest(
  "SVE's instructions on floating-point numbers do what QEMU does, in every mode",
  () => expectAsQemu(sveFloatInstructions.filter((each) => !isWideMatrix(each)), { draw: drawFloatCase }),
);

oracleTest("matrices of doubles are multiplied as QEMU does it", () => {
  // What a vector has beyond whole matrices is zero in the manual's pseudocode, and stays as it was in QEMU 7.2.
  const lengths = vectorLengths.filter((length) => length % 256 === 0);
  return expectAsQemu(wideMatrix, { draw: drawFloatCase, lengths });
});

Deno.test("multiplying matrices of doubles is undefined in vectors of 128 bits", () => {
  const vectorLength = 128;
  const { signal } = singleInstruction(wideMatrix, { vectorLength }).run(
    drawFloatCase(randomStates(1, vectorLength), wideMatrix[0]!),
  );
  assertEquals(signal, "SIGILL");
});
