import { simdThreeSameExtra } from "../../../../../vmm/interpreter/a64/instructions/simd_three_same_extra.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest(
  "AdvSIMD rounding doubling multiply-accumulates are as QEMU's",
  () => expectAsQemu(simdThreeSameExtra),
);
