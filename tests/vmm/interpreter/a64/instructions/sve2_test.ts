import { sve2Float } from "../../../../../vmm/interpreter/a64/instructions/sve2_float.ts";
import { sve2Gather } from "../../../../../vmm/interpreter/a64/instructions/sve2_gather.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { drawFloatCase, expectAsQemu } from "./sve_cases.ts";
import { drawGatherCase } from "./sve_gather_cases.ts";
import { ignoreFaults } from "./sve_memory_cases.ts";

oracleTest(
  "SVE2's instructions on floating-point numbers do what QEMU does, in every mode",
  () => expectAsQemu(sve2Float, { draw: drawFloatCase }),
);

oracleTest(
  "SVE2 gathers and scatters what QEMU does, up to the first lane that faults",
  () => expectAsQemu(sve2Gather, { draw: drawGatherCase, ignore: ignoreFaults }),
);
