import { simdTableLookup } from "../../../../../vmm/interpreter/a64/instructions/simd_table_lookup.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest("AdvSIMD table lookups are as QEMU's", () => expectAsQemu(simdTableLookup));
