import { simdByElement } from "../../../../../vmm/interpreter/a64/instructions/simd_by_element.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest("AdvSIMD products by one element are as QEMU's", () => expectAsQemu(simdByElement));
