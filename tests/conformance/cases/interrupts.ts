// Cases about interrupt lines: KVM_IRQ_LINE, and what the guest finds of it.

import { assertEquals } from "@std/assert";
import { mpStates } from "../../../vmm/kvm/vcpu.ts";
import type { Vm } from "../../../vmm/kvm/vm.ts";
import * as calls from "../../../vmm/kvm/ioctls.ts";
import { kvm_irq_level } from "../../../vmm/kvm/structs.ts";
import { type Bench, psci, rawAnswer } from "../bench.ts";
import { type Answer, answersOf, type Case, defineCase } from "../case.ts";
import { Guest, tell } from "../guest.ts";
import * as a64 from "../guest_code.ts";
import { edgeTriggered, intid, levelTriggered, tellPending } from "../spi_code.ts";

const LINE = 'KVM document, "4.25 KVM_IRQ_LINE"';
const setLine = (vm: Vm, irq: number): Answer =>
  rawAnswer(vm, calls.KVM_IRQ_LINE, kvm_irq_level.pack({ irq: irq >>> 0, level: 1 }));

function raiseAndLower(bench: Bench, trigger: readonly number[]) {
  const guest = new Guest(bench, [...trigger, ...tellPending, ...tellPending, ...tellPending]);
  bench.readyGic(guest.vm);
  const before = guest.next();
  guest.vm.setSpi(intid, true);
  const up = guest.next();
  guest.vm.setSpi(intid, false);
  return { before, up, down: guest.next() };
}

export const interruptCases: Case[] = [
  defineCase({
    name: "an interrupt line needs an interrupt controller in the kernel",
    source: LINE,
    ask(bench) {
      const vm = bench.vm();
      bench.vcpu(psci, vm);
      return answersOf({ SPI: () => vm.setSpi(intid, true), PPI: () => vm.setPpi(0, 20, true) });
    },
    expected: () => ({ SPI: "ENXIO", PPI: "ENXIO" }),
  }),
  defineCase({
    name: "an interrupt line is an SPI of the controller or a PPI of a vcpu there is",
    source: LINE,
    ask(bench) {
      const vm = bench.vmWithGic();
      return {
        ...answersOf({
          "SPI 32": () => vm.setSpi(32, true),
          "SPI 31": () => vm.setSpi(31, true),
          "SPI 1023": () => vm.setSpi(1023, true),
          "SPI 1024": () => vm.setSpi(1024, true),
          "PPI 16": () => vm.setPpi(0, 16, true),
          "PPI 31": () => vm.setPpi(0, 31, true),
          "an SGI": () => vm.setPpi(0, 15, true),
          "PPI 32": () => vm.setPpi(0, 32, true),
          "PPI of no vcpu": () => vm.setPpi(1, 20, true),
        }),
        "IRQ of a vcpu, beside a controller": setLine(vm, 0),
        "an unknown type": setLine(vm, 9 << 24),
      };
    },
    check(answer) {
      assertEquals([answer["SPI 32"], answer["PPI 16"], answer["PPI 31"]], [0, 0, 0]);
      assertEquals([answer["SPI 31"], answer["SPI 1024"], answer["an SGI"]], ["EINVAL", "EINVAL", "EINVAL"]);
      assertEquals([answer["PPI 32"], answer["PPI of no vcpu"], answer["an unknown type"]], [
        "EINVAL",
        "EINVAL",
        "EINVAL",
      ]);
      assertEquals(answer["IRQ of a vcpu, beside a controller"], "ENXIO");
    },
  }),
  defineCase({
    name: "without a controller the IRQ and FIQ inputs of a vcpu are lines",
    source: LINE,
    ask(bench) {
      const vm = bench.vm();
      bench.vcpu(psci, vm);
      return {
        IRQ: setLine(vm, 0),
        FIQ: setLine(vm, 1),
        neither: setLine(vm, 2),
        "no such vcpu": setLine(vm, 1 << 16),
      };
    },
    expected: () => ({ IRQ: 0, FIQ: 0, neither: "EINVAL", "no such vcpu": "EINVAL" }),
  }),
  defineCase({
    name: "WFI ends when the vcpu's IRQ input is up, though interrupts are masked",
    source: 'Arm DDI 0487, "Wait for Interrupt"',
    ask(bench) {
      const guest = new Guest(bench, [a64.WFI, ...tell(0)]);
      setLine(guest.vm, 0);
      return guest.next();
    },
    expected: () => ({ tells: "0x0" }),
  }),
  defineCase({
    name: "a suspended vcpu whose IRQ input is up exits with KVM_SYSTEM_EVENT_WAKEUP, and is still suspended",
    source: 'KVM document, "4.39 KVM_SET_MP_STATE", KVM_MP_STATE_SUSPENDED',
    ask(bench) {
      const guest = new Guest(bench, tell(0));
      guest.vcpu.setMpState(mpStates.KVM_MP_STATE_SUSPENDED);
      setLine(guest.vm, 0);
      const exit = guest.next();
      const state = guest.vcpu.getMpState();
      guest.vcpu.setMpState(mpStates.KVM_MP_STATE_RUNNABLE);
      return { exit, state, then: guest.next() };
    },
    expected: () => ({
      exit: { reason: "KVM_EXIT_SYSTEM_EVENT", event: "KVM_SYSTEM_EVENT_WAKEUP", data: [] },
      state: mpStates.KVM_MP_STATE_SUSPENDED,
      then: { tells: "0x0" },
    }),
  }),
  defineCase({
    name: "a level-triggered SPI is pending while its line is up, an edge-triggered one from then on",
    source: 'Arm IHI 0069, "GICD_ICFGR<n>, Interrupt Configuration Registers"',
    ask: (bench) => ({
      level: raiseAndLower(bench, levelTriggered),
      edge: raiseAndLower(bench, edgeTriggered),
    }),
    expected: () => ({
      level: { before: { tells: "0x0" }, up: { tells: "0x100" }, down: { tells: "0x0" } },
      edge: { before: { tells: "0x0" }, up: { tells: "0x100" }, down: { tells: "0x100" } },
    }),
  }),
];
