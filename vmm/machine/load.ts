// From a guest's files to a VM about to run: kernel, initrd and device tree in memory, the boot vcpu's
// registers as Linux's boot protocol wants them (Documentation/arch/arm64/booting.rst, "Call the kernel image").

import { withChosen } from "../../guest/device_tree.ts";
import { readKernel } from "../../guest/image.ts";
import { layOut } from "../../guest/layout.ts";
import type { Kernel } from "../../guest/segments.ts";
import type { Vcpu } from "../kvm/vcpu.ts";
import { registerNamed } from "../kvm/register_id.ts";
import { machineTree } from "./machine_tree.ts";
import type { VirtualMachine } from "./virtual_machine.ts";

export interface Guest {
  /** The file's bytes, of any format that `readKernel` knows. */
  readonly kernel: Uint8Array;
  readonly initrd?: Uint8Array | undefined;
  readonly commandLine: string;
  /** A device tree blob in place of the machine's own. */
  readonly deviceTree?: Uint8Array | undefined;
}

export interface Loaded {
  readonly kernel: Kernel;
  readonly deviceTree: Uint8Array<ArrayBuffer>;
}

/** Throws GuestImageError. */
export async function loadGuest(machine: VirtualMachine, guest: Guest, virtioSlots: number): Promise<Loaded> {
  const { memory } = machine;
  const kernel = await readKernel(guest.kernel, memory);
  const treeWith = (initrd?: { start: number; end: number }) =>
    guest.deviceTree
      ? withChosen(guest.deviceTree, { bootargs: guest.commandLine || undefined, initrd })
      : machineTree({
        memorySize: memory.size,
        gic: machine.gic,
        mpidrs: machine.mpidrs,
        hasPmu: machine.plan.pmu,
        virtioSlots,
        commandLine: guest.commandLine,
        initrd,
      });
  // An initrd's address takes the same room in the tree wherever it will be.
  const deviceTreeSize = treeWith(guest.initrd && { start: 0, end: 0 }).length;
  const layout = layOut({ kernel, deviceTreeSize, initrdSize: guest.initrd?.length }, memory);
  const deviceTree = treeWith(layout.initrd);
  kernel.load(memory);
  memory.write(layout.deviceTree.start, deviceTree);
  if (layout.initrd && guest.initrd) memory.write(layout.initrd.start, guest.initrd);
  setBootRegisters(machine.vcpus[0]!, kernel.entry, layout.deviceTree.start);
  return { kernel, deviceTree };
}

/** PSTATE: EL1 with its own stack pointer, and D, A, I, F masked. */
const el1hMasked = 0x3c5n;

function setBootRegisters(vcpu: Vcpu, entry: number, deviceTree: number) {
  const values = { PC: entry, X0: deviceTree, X1: 0, X2: 0, X3: 0 };
  for (const [name, value] of Object.entries(values)) vcpu.setRegister(registerNamed(name), BigInt(value));
  vcpu.setRegister(registerNamed("PSTATE"), el1hMasked);
}
