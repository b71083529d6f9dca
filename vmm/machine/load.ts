// From a guest's files to a VM about to run. A kernel's machine has kernel, initrd and device tree in memory, and
// the boot vcpu's registers as Linux's boot protocol wants them (Documentation/arch/arm64/booting.rst, "Call the
// kernel image"); a firmware's starts as after a reset, with the device tree at the base of RAM (QEMU, "'virt'
// generic virtual platform", "Hardware configuration information for bare-metal programming").

import { withChosen } from "../../guest/device_tree.ts";
import { readKernel } from "../../guest/image.ts";
import { checkDeviceTreeSize, layOut, type Span } from "../../guest/layout.ts";
import type { Kernel } from "../../guest/segments.ts";
import type { Vcpu } from "../kvm/vcpu.ts";
import { registerNamed } from "../kvm/register_id.ts";
import { firmwareEntry, ramBase } from "./board.ts";
import { filesOf, fillBank, type Firmware } from "./flash_banks.ts";
import { machineTree } from "./machine_tree.ts";
import type { VirtualMachine } from "./virtual_machine.ts";

interface Common {
  readonly initrd?: Uint8Array | undefined;
  readonly commandLine: string;
  /** A device tree blob in place of the machine's own. */
  readonly deviceTree?: Uint8Array | undefined;
}

interface KernelGuest extends Common {
  /** The file's bytes, of any format that `readKernel` knows. */
  readonly kernel: Uint8Array;
  readonly firmware?: undefined;
}

interface FirmwareGuest extends Common {
  readonly firmware: Firmware;
}

export type Guest = KernelGuest | FirmwareGuest;

export interface Loaded {
  /** Firmware finds its own. */
  readonly kernel: Kernel | undefined;
  readonly deviceTree: Uint8Array<ArrayBuffer>;
}

/** Throws GuestImageError. */
export async function loadGuest(machine: VirtualMachine, guest: Guest, virtioSlots: number): Promise<Loaded> {
  const treeWith = (initrd?: Span) =>
    guest.deviceTree
      ? withChosen(guest.deviceTree, { bootargs: guest.commandLine || undefined, initrd })
      : machineTree({
        memorySize: machine.memory.size,
        gic: machine.gic,
        mpidrs: machine.mpidrs,
        hasPmu: machine.plan.pmu,
        virtioSlots,
        hasFlash: guest.firmware !== undefined,
        commandLine: guest.commandLine,
        initrd,
      });
  if (guest.firmware) return loadFirmware(machine, guest.firmware, treeWith());
  return await loadKernel(machine, guest.kernel, guest.initrd, treeWith);
}

async function loadKernel(
  { memory, vcpus }: VirtualMachine,
  file: Uint8Array,
  initrd: Uint8Array | undefined,
  treeWith: (initrd?: Span) => Uint8Array<ArrayBuffer>,
): Promise<Loaded> {
  const kernel = await readKernel(file, memory);
  // An initrd's address takes the same room in the tree wherever it will be.
  const deviceTreeSize = treeWith(initrd && { start: 0, end: 0 }).length;
  const layout = layOut({ kernel, deviceTreeSize, initrdSize: initrd?.length }, memory);
  const deviceTree = treeWith(layout.initrd);
  kernel.load(memory);
  memory.write(layout.deviceTree.start, deviceTree);
  if (layout.initrd && initrd) memory.write(layout.initrd.start, initrd);
  setBootRegisters(vcpus[0]!, kernel.entry, layout.deviceTree.start);
  return { kernel, deviceTree };
}

function loadFirmware(
  { memory, flash, vcpus }: VirtualMachine,
  firmware: Firmware,
  deviceTree: Uint8Array<ArrayBuffer>,
): Loaded {
  checkDeviceTreeSize(deviceTree.length);
  memory.write(ramBase, deviceTree);
  filesOf(firmware).forEach((file, bank) => file && fillBank(file, flash[bank]!));
  setBootRegisters(vcpus[0]!, firmwareEntry, 0);
  return { kernel: undefined, deviceTree };
}

/** PSTATE: EL1 with its own stack pointer, and D, A, I, F masked. */
const el1hMasked = 0x3c5n;

function setBootRegisters(vcpu: Vcpu, entry: number, deviceTree: number) {
  const values = { PC: entry, X0: deviceTree, X1: 0, X2: 0, X3: 0 };
  for (const [name, value] of Object.entries(values)) vcpu.setRegister(registerNamed(name), BigInt(value));
  vcpu.setRegister(registerNamed("PSTATE"), el1hMasked);
}
