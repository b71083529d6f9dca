import { sveMemory } from "../../../../../vmm/interpreter/a64/instructions/sve_memory.ts";
import type { Definition } from "../../../../../vmm/interpreter/a64/definition.ts";
import { oracleTest } from "../oracle/oracle_tools.ts";
import { expectAsQemu } from "./sve_cases.ts";
import { drawGatherCase } from "./sve_gather_cases.ts";
import { drawMemoryCase, ignoreFaults } from "./sve_memory_cases.ts";

const isGather = ({ name }: Definition) => /vector plus|offsets/.test(name);

oracleTest(
  "SVE loads and stores what QEMU does, up to where memory ends",
  () =>
    expectAsQemu(sveMemory.filter((each) => !isGather(each)), { draw: drawMemoryCase, ignore: ignoreFaults }),
);

oracleTest(
  "SVE gathers and scatters what QEMU does, up to the first lane that faults",
  () => expectAsQemu(sveMemory.filter(isGather), { draw: drawGatherCase, ignore: ignoreFaults }),
);
