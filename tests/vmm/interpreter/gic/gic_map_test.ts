// Where the redistributors of a VM's vcpus lie (kernel document "ARM Virtual Generic Interrupt Controller v3
// and later", KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION).

import { assertEquals } from "@std/assert";
import { Part, RedistributorRegions } from "../../../../vmm/interpreter/gic/gic_map.ts";

const regions = () => new RedistributorRegions(40, new Part(40, 0x1_0000n, 0x1_0000n));

Deno.test("one region holds the redistributors of all vcpus, and ends with the last", () => {
  const one = regions();
  one.add(0, 0x080a_0000n, 0, 3);
  assertEquals(one.frames([0, 1, 2]), [
    { vcpu: 0, base: 0x080a_0000n, isLast: false },
    { vcpu: 1, base: 0x080c_0000n, isLast: false },
    { vcpu: 2, base: 0x080e_0000n, isLast: true },
  ]);
});

Deno.test("several regions are filled in turn, and each has its last", () => {
  const two = regions();
  two.add(0, 0x080a_0000n, 1, 3);
  two.add(1, 0x0900_0000n, 4, 3);
  assertEquals(two.frames([0, 2, 1]), [
    { vcpu: 0, base: 0x080a_0000n, isLast: true },
    { vcpu: 2, base: 0x0900_0000n, isLast: false },
    { vcpu: 1, base: 0x0902_0000n, isLast: true },
  ]);
});
