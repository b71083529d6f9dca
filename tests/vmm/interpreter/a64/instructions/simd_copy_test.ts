import { simdCopy } from "../../../../../vmm/interpreter/a64/instructions/simd_copy.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest("AdvSIMD copies of lanes and registers are as QEMU's", () => expectAsQemu(simdCopy));
