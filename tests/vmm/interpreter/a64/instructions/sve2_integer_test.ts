import { sve2IntegerInstructions } from "../../../../../vmm/interpreter/a64/instructions/sve2.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./sve_cases.ts";

oracleTest(
  "SVE2's instructions on integers and bits do what QEMU does, at every kind of vector length",
  () => expectAsQemu(sve2IntegerInstructions),
);
