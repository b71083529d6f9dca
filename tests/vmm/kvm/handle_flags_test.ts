// Flags that the handles put into structures, against the compiled linux/kvm.h and arm64's asm/kvm.h.

import { Vm } from "../../../vmm/kvm/vm.ts";
import { assertMatchesHeaders, testWithKernelHeaders } from "./kernel_headers.ts";
import { scriptedBackend } from "./scripted_backend.ts";

/** The 32-bit word at `offset` of the structure that `act` passes to the kernel. */
function wordGiven(offset: number, act: (vm: Vm) => unknown): number {
  const { backend, calls } = scriptedBackend({});
  act(new Vm(backend, 4, "VM", 4096));
  const { buffer } = calls[0]!.argument as Uint8Array<ArrayBuffer>;
  return new DataView(buffer).getUint32(offset, true);
}

testWithKernelHeaders("interrupt lines are numbered as the header's shifts say", () =>
  assertMatchesHeaders([
    {
      name: "SPI 33",
      ours: wordGiven(0, (vm) => vm.setSpi(33, true)),
      expression: "KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | 33 << KVM_ARM_IRQ_NUM_SHIFT",
    },
    {
      name: "PPI 27 of vcpu 3",
      ours: wordGiven(0, (vm) => vm.setPpi(3, 27, true)),
      expression: "KVM_ARM_IRQ_TYPE_PPI << KVM_ARM_IRQ_TYPE_SHIFT | 3 << KVM_ARM_IRQ_VCPU_SHIFT | 27",
    },
  ]));

testWithKernelHeaders(
  "the flags of eventfds and of device tests are the header's",
  () =>
    assertMatchesHeaders([
      {
        name: "untying an interrupt",
        ours: wordGiven(8, (vm) => vm.irqfd(9, 1, { deassign: true })),
        expression: "KVM_IRQFD_FLAG_DEASSIGN",
      },
      {
        name: "untying writes",
        ours: wordGiven(24, (vm) => vm.ioeventfd(9, 0n, 4, { deassign: true })),
        expression: "KVM_IOEVENTFD_FLAG_DEASSIGN",
      },
      {
        name: "testing for a device",
        ours: wordGiven(8, (vm) => vm.canCreateDevice("KVM_DEV_TYPE_ARM_VGIC_V3")),
        expression: "KVM_CREATE_DEVICE_TEST",
      },
    ]),
);
