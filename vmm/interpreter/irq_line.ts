// KVM_IRQ_LINE (KVM document, "4.25 KVM_IRQ_LINE"): which line of which part of a VM a number means.

import { errno } from "../kvm/errno.ts";
import type { kvm_irq_level } from "../kvm/structs.ts";
import { Attention } from "./attention.ts";
import type { GicCore } from "./gic/gic_core.ts";
import { firstPpi, firstSpi } from "./gic/gic.ts";
import type { VirtualMachine } from "./virtual_machine.ts";

/** arm64's asm/kvm.h, KVM_ARM_IRQ_TYPE_*. */
const CPU = 0, SPI = 1, PPI = 2;
/** KVM_ARM_IRQ_CPU_FIQ: beside it there is 0, the IRQ input. */
const FIQ = 1;

type IrqLevel = ReturnType<typeof kvm_irq_level.unpack>;

/** The same on a thread that shares the VM: lines of SPIs, which are all that devices have. */
export function setSharedLine(gic: GicCore | undefined, { irq, level }: IrqLevel): number {
  const number = irq & 0xffff;
  if (!gic || (irq >>> 24 & 0xf) !== SPI) return -errno.ENXIO;
  if (number < firstSpi) return -errno.EINVAL;
  gic.setLine(0, number, level !== 0);
  return 0;
}

export function setIrqLine(
  vm: VirtualMachine,
  { irq, level }: IrqLevel,
): number {
  const type = irq >>> 24 & 0xf;
  const number = irq & 0xffff;
  const vcpu = vm.vcpus.get((irq >>> 16 & 0xff) + 256 * (irq >>> 28));
  const isUp = level !== 0;
  switch (type) {
    case CPU:
      if (vm.gic) return -errno.ENXIO;
      if (!vcpu || number > FIQ) return -errno.EINVAL;
      vm.inputs.set(vcpu.index, number === FIQ ? "FIQ" : "IRQ", isUp);
      new Attention(vm.arena.memory.buffer).call(vcpu.base);
      return 0;
    case SPI:
      if (!vm.gic) return -errno.ENXIO;
      return number < firstSpi ? -errno.EINVAL : vm.gic.setLine(undefined, number, isUp);
    case PPI:
      if (!vm.gic) return -errno.ENXIO;
      if (!vcpu || number < firstPpi || number >= firstSpi) return -errno.EINVAL;
      return vm.gic.setLine(vcpu.index, number, isUp);
    default:
      return -errno.EINVAL;
  }
}
