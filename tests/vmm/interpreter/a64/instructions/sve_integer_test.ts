import { sveIntegerInstructions } from "../../../../../vmm/interpreter/a64/instructions/sve_integer.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./sve_cases.ts";

oracleTest(
  "SVE's instructions on integers do what QEMU does, at every kind of vector length",
  () => expectAsQemu(sveIntegerInstructions),
);
