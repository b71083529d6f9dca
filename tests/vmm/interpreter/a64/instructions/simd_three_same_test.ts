import { simdThreeSame } from "../../../../../vmm/interpreter/a64/instructions/simd_three_same.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest(
  "AdvSIMD instructions of three registers of one size are as QEMU's",
  () => expectAsQemu(simdThreeSame),
);
