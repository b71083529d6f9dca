import { simdPermute } from "../../../../../vmm/interpreter/a64/instructions/simd_permute.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest("AdvSIMD permutations and extractions are as QEMU's", () => expectAsQemu(simdPermute));
