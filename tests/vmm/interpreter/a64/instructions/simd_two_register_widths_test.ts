import { simdTwoRegisterWidths } from "../../../../../vmm/interpreter/a64/instructions/simd_two_register_widths.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest(
  "AdvSIMD instructions of two registers whose lanes differ in width are as QEMU's",
  () => expectAsQemu(simdTwoRegisterWidths),
);
