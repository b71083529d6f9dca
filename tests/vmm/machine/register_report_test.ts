import { assertEquals, assertMatch } from "@std/assert";
import { registerReport } from "../../../vmm/machine/register_report.ts";
import { Vcpu } from "../../../vmm/kvm/vcpu.ts";
import { registerIdOf, registerName } from "../../../vmm/kvm/register_id.ts";
import { kvm_one_reg } from "../../../vmm/kvm/structs.ts";
import { fill, scriptedBackend, words64 } from "../kvm/scripted_backend.ts";

/** A vcpu each of whose registers holds the number of the read. */
function countingVcpu() {
  const read: string[] = [];
  const { backend } = scriptedBackend({
    KVM_GET_ONE_REG({ argument, pointee }) {
      read.push(registerName(registerIdOf(kvm_one_reg.unpack(argument as Uint8Array<ArrayBuffer>).id)));
      fill(pointee, words64(0xffff_0000_0000_0000n + BigInt(read.length)));
      return 0;
    },
  });
  return { vcpu: new Vcpu(backend, 5, 1, 4096), read };
}

Deno.test("the report of a vcpu names each register once, with the whole of its value", () => {
  const { vcpu, read } = countingVcpu();
  const [head, ...rows] = registerReport(vcpu).split("\n");
  assertEquals(head, "vcpu 1:");
  const cells = rows.flatMap((row) => [...row.matchAll(/(\w+) +([0-9a-f]{16})/g)]);
  assertEquals(
    cells.map(([, name, value]) => [name, value]),
    read.map((name, index) => [name, (0xffff_0000_0000_0001n + BigInt(index)).toString(16)]),
  );
  assertEquals(new Set(read).size, read.length);
});

Deno.test("the report has what one looks for first after a crash", () => {
  const report = registerReport(countingVcpu().vcpu);
  const wanted = ["X0", "X30", "SP", "PC", "PSTATE", "ELR_EL1", "ESR_EL1", "FAR_EL1", "MPIDR_EL1"];
  for (const name of wanted) assertMatch(report, new RegExp(`\\b${name} +[0-9a-f]{16}`));
});
