import { simdShiftImmediate } from "../../../../../vmm/interpreter/a64/instructions/simd_shift_immediate.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest("AdvSIMD shifts by an immediate are as QEMU's", () => expectAsQemu(simdShiftImmediate));
