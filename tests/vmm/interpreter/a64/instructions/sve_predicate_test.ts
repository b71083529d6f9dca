import { svePredicateInstructions } from "../../../../../vmm/interpreter/a64/instructions/sve_predicate.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./sve_cases.ts";

oracleTest("SVE's predicates become what QEMU makes of them", () => expectAsQemu(svePredicateInstructions));
