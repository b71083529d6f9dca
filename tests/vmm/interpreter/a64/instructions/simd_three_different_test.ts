import { simdThreeDifferent } from "../../../../../vmm/interpreter/a64/instructions/simd_three_different.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest(
  "AdvSIMD instructions of registers of different sizes are as QEMU's",
  () => expectAsQemu(simdThreeDifferent),
);
