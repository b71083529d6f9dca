import { cryptoInstructions } from "../../../../../vmm/interpreter/a64/instructions/crypto.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./simd_cases.ts";

oracleTest("cryptographic instructions in the engine are as QEMU's", () => expectAsQemu(cryptoInstructions));
