import { sve2Instructions } from "../../../../../vmm/interpreter/a64/instructions/sve2.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./sve_cases.ts";

oracleTest(
  "SVE2's instructions on integers do what QEMU does, at every kind of vector length",
  () => expectAsQemu(sve2Instructions),
);
