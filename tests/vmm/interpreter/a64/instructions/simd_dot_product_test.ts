import { simdDotProduct } from "../../../../../vmm/interpreter/a64/instructions/simd_dot_product.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest("AdvSIMD dot products and products of matrices are as QEMU's", () => expectAsQemu(simdDotProduct));
