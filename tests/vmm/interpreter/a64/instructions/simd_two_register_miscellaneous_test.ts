import { simdTwoRegisterMiscellaneous } from "../../../../../vmm/interpreter/a64/instructions/simd_two_register_miscellaneous.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest(
  "AdvSIMD instructions of two registers are as QEMU's",
  () => expectAsQemu(simdTwoRegisterMiscellaneous),
);
