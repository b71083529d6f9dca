import { simdShiftImmediateWidths } from "../../../../../vmm/interpreter/a64/instructions/simd_shift_immediate_widths.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest(
  "AdvSIMD shifts by an immediate that widen and narrow are as QEMU's",
  () => expectAsQemu(simdShiftImmediateWidths),
);
