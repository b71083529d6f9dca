// Cases about a vcpu's own attributes: its timers' interrupts and its PMU, and the timers' registers.

import { assertEquals } from "@std/assert";
import type { Vcpu } from "../../../vmm/kvm/vcpu.ts";
import { registerNamed } from "../../../vmm/kvm/register_id.ts";
import { type Bench, hasPmu, pmu, psci, u32Bytes } from "../bench.ts";
import { type Answer, answerOf, answersOf, type Case, defineCase, hex } from "../case.ts";
import { Guest, tell } from "../guest.ts";
import { readSystem } from "../guest_code.ts";

const VCPU = 'kernel document "Generic vcpu interface"';
/** The document's groups of a vcpu's attributes, and the attributes in them. */
const PMU_GROUP = 0, TIMER_GROUP = 1, PVTIME_GROUP = 2;
const PMU_IRQ = 0, PMU_INIT = 1;
const VTIMER_IRQ = 0, PTIMER_IRQ = 1;
/** CNTV_CVAL_EL0 and CNTVCT_EL0 as the Arm manual encodes them. */
const CNTV_CVAL_EL0 = [3, 3, 14, 3, 2] as const;
const later = 0x7fff_ffff_ffff_ff00n;

const interrupt = (vcpu: Vcpu, group: number, attr: number): Answer =>
  answerOf(() => new Int32Array(vcpu.getAttribute(group, attr, 4).buffer)[0]!);
const setInterrupt = (vcpu: Vcpu, group: number, attr: number, intid: number): Answer =>
  answerOf(() => vcpu.setAttribute(group, attr, u32Bytes(intid)));

/** A vcpu with a PMU in a VM with an interrupt controller that is, or is not yet, initialised. */
function withPmu(bench: Bench, isReady: boolean): Vcpu {
  const vm = bench.vm();
  const vcpu = bench.vcpu(pmu, vm);
  if (isReady) bench.readyGic(vm);
  else bench.gic(vm);
  return vcpu;
}

export const timerAndPmuCases: Case[] = [
  defineCase({
    name:
      "the timers' interrupts are PPIs 27 and 30 until they are set, in a VM with an interrupt controller",
    source: VCPU + ", KVM_ARM_VCPU_TIMER_CTRL",
    ask(bench) {
      const vm = bench.vm();
      const vcpu = bench.vcpu(psci, vm);
      const without = setInterrupt(vcpu, TIMER_GROUP, VTIMER_IRQ, 20);
      bench.readyGic(vm);
      const before = [interrupt(vcpu, TIMER_GROUP, VTIMER_IRQ), interrupt(vcpu, TIMER_GROUP, PTIMER_IRQ)];
      return {
        before,
        "without a controller": without,
        "an SGI": setInterrupt(vcpu, TIMER_GROUP, VTIMER_IRQ, 15),
        "an SPI": setInterrupt(vcpu, TIMER_GROUP, VTIMER_IRQ, 32),
        "PPI 20": setInterrupt(vcpu, TIMER_GROUP, VTIMER_IRQ, 20),
        "an unknown timer": setInterrupt(vcpu, TIMER_GROUP, 99, 20),
        after: interrupt(vcpu, TIMER_GROUP, VTIMER_IRQ),
      };
    },
    check(answer) {
      assertEquals(answer.before, [27, 30]);
      assertEquals([answer["PPI 20"], answer.after], [0, 20]);
      assertEquals([answer["without a controller"], answer["an SGI"], answer["an SPI"]], [
        "EINVAL",
        "EINVAL",
        "EINVAL",
      ]);
      assertEquals(answer["an unknown timer"], "ENXIO");
    },
  }),
  defineCase({
    name: "a timer's interrupt is EBUSY once the vcpu has run",
    source: VCPU + ", KVM_ARM_VCPU_TIMER_CTRL",
    ask(bench) {
      const guest = new Guest(bench, tell(0));
      bench.readyGic(guest.vm);
      guest.next();
      return setInterrupt(guest.vcpu, TIMER_GROUP, VTIMER_IRQ, 20);
    },
    expected: () => "EBUSY",
  }),
  defineCase({
    name: "a vcpu has the attributes its features and host give it",
    source: VCPU,
    ask(bench) {
      const vcpu = bench.vcpu();
      const has = (group: number) => Array.from({ length: 5 }, (_, attr) => vcpu.hasAttribute(group, attr));
      return { PMU: has(PMU_GROUP), timer: has(TIMER_GROUP), pvtime: has(PVTIME_GROUP), unknown: has(99) };
    },
    check(answer) {
      assertEquals(answer.PMU, [false, false, false, false, false]);
      assertEquals(answer.timer.slice(0, 2), [true, true]);
      assertEquals(answer.unknown, [false, false, false, false, false]);
    },
  }),
  defineCase({
    name:
      "the comparison value's register id is the one whose encoding is CNTVCT_EL0's, and the other way round",
    source: 'KVM document, "4.68 KVM_SET_ONE_REG", the note on KVM_REG_ARM_TIMER_CVAL',
    ask(bench) {
      const guest = new Guest(bench, [readSystem(0, CNTV_CVAL_EL0), ...tell(0)]);
      const id = registerNamed("KVM_REG_ARM_TIMER_CVAL");
      guest.vcpu.setRegister(id, later);
      return { monitor: hex(guest.vcpu.getRegister(id)), guest: guest.next(), id: hex(id) };
    },
    expected: () => ({ monitor: hex(later), guest: { tells: hex(later) }, id: "0x603000000013df02" }),
  }),
  defineCase({
    name: "a timer's control register keeps ENABLE and IMASK; ISTATUS follows the time",
    source: 'Arm DDI 0487, "CNTV_CTL_EL0, Counter-timer Virtual Timer Control Register"',
    ask(bench) {
      const vcpu = bench.vcpu();
      const control = registerNamed("KVM_REG_ARM_TIMER_CTL");
      const set = (control_: bigint, value: bigint) => {
        vcpu.setRegister(registerNamed("KVM_REG_ARM_TIMER_CVAL"), value);
        vcpu.setRegister(control, control_);
        return hex(vcpu.getRegister(control));
      };
      return { "due in ages": set(3n, later), "due long ago": set(3n, 1n), "not enabled": set(2n, later) };
    },
    check(answer) {
      assertEquals(answer["due in ages"], "0x3");
      assertEquals(answer["due long ago"], "0x7");
    },
  }),
  defineCase({
    name: "a counter that was set goes on from there",
    source: 'KVM document, "4.68 KVM_SET_ONE_REG"',
    ask(bench) {
      const vcpu = bench.vcpu();
      const counter = registerNamed("KVM_REG_ARM_TIMER_CNT");
      vcpu.setRegister(counter, 1n << 50n);
      const read = vcpu.getRegister(counter);
      return read >= 1n << 50n && read < 1n << 51n && vcpu.getRegister(counter) >= read;
    },
    expected: () => true,
  }),
  defineCase({
    name: "the PMU's interrupt is a PPI, set once, in a VM with an interrupt controller",
    source: VCPU + ", KVM_ARM_VCPU_PMU_V3_CTRL",
    where: hasPmu,
    ask(bench) {
      const vcpu = withPmu(bench, true);
      return {
        "before it is set": interrupt(vcpu, PMU_GROUP, PMU_IRQ),
        "an SGI": setInterrupt(vcpu, PMU_GROUP, PMU_IRQ, 15),
        "PPI 23": setInterrupt(vcpu, PMU_GROUP, PMU_IRQ, 23),
        "a second time": setInterrupt(vcpu, PMU_GROUP, PMU_IRQ, 23),
        "then it is": interrupt(vcpu, PMU_GROUP, PMU_IRQ),
        "without a PMU": setInterrupt(bench.vcpu(psci), PMU_GROUP, PMU_IRQ, 23),
        "without a controller": setInterrupt(bench.vcpu(pmu), PMU_GROUP, PMU_IRQ, 23),
      };
    },
    expected: () => ({
      "before it is set": "ENXIO",
      "an SGI": "EINVAL",
      "PPI 23": 0,
      "a second time": "EBUSY",
      "then it is": 23,
      "without a PMU": "ENODEV",
      "without a controller": "EINVAL",
    }),
  }),
  defineCase({
    name: "the PMU is initialised once, after its interrupt is set and the controller is ready",
    source: VCPU + ", KVM_ARM_VCPU_PMU_V3_INIT",
    where: hasPmu,
    ask(bench) {
      const initialise = (vcpu: Vcpu) => () => vcpu.setAttribute(PMU_GROUP, PMU_INIT);
      const [early, ready] = [withPmu(bench, false), withPmu(bench, true)];
      return {
        "without a controller": answerOf(initialise(bench.vcpu(pmu))),
        "before the controller is initialised": [
          setInterrupt(early, PMU_GROUP, PMU_IRQ, 23),
          answerOf(initialise(early)),
        ],
        ...answersOf({
          "without an interrupt": initialise(ready),
          interrupt: () => ready.setAttribute(PMU_GROUP, PMU_IRQ, u32Bytes(23)),
          initialised: initialise(ready),
          again: initialise(ready),
        }),
      };
    },
    check(answer) {
      assertEquals(answer["without a controller"], 0);
      assertEquals(answer["before the controller is initialised"], [0, "ENODEV"]);
      assertEquals([answer["without an interrupt"], answer.initialised, answer.again], ["ENXIO", 0, "EBUSY"]);
    },
  }),
  defineCase({
    name: "KVM_RUN of a vcpu whose PMU was not initialised is EINVAL",
    source: VCPU + ", KVM_ARM_VCPU_PMU_V3_INIT",
    where: hasPmu,
    ask(bench) {
      const [without, initialised] = [1, 2].map(() => new Guest(bench, tell(0), { features: pmu }));
      initialised!.vcpu.setAttribute(PMU_GROUP, PMU_INIT);
      return { without: without!.next(), initialised: initialised!.next() };
    },
    expected: () => ({ without: "EINVAL", initialised: { tells: "0x0" } }),
  }),
];
