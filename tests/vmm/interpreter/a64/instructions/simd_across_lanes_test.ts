import { simdAcrossLanes } from "../../../../../vmm/interpreter/a64/instructions/simd_across_lanes.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest("AdvSIMD reductions across lanes are as QEMU's", () => expectAsQemu(simdAcrossLanes));
