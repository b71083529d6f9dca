import { simdModifiedImmediate } from "../../../../../vmm/interpreter/a64/instructions/simd_modified_immediate.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest("AdvSIMD immediates are as QEMU's", () => expectAsQemu(simdModifiedImmediate));
