// Cases about a vcpu's run state, its pending exceptions, and debugging from outside.

import { assert, assertEquals } from "@std/assert";
import { debugControl, mpStates } from "../../../vmm/kvm/vcpu.ts";
import * as calls from "../../../vmm/kvm/ioctls.ts";
import { registerNamed } from "../../../vmm/kvm/register_id.ts";
import { kvm_vcpu_events } from "../../../vmm/kvm/structs.ts";
import { psci, rawAnswer } from "../bench.ts";
import { type Answer, answerOf, answersOf, type Case, defineCase, hex, toAnswer } from "../case.ts";
import { Guest, ramBase, tell } from "../guest.ts";
import { BRK, load, NOP, set, store } from "../guest_code.ts";

const MP_STATE = 'KVM document, "4.38 KVM_GET_MP_STATE"';
const EVENTS = 'KVM document, "4.32 KVM_SET_VCPU_EVENTS"';
const DEBUG = 'KVM document, "4.87 KVM_SET_GUEST_DEBUG"';

type Exception = Parameters<typeof kvm_vcpu_events.pack>[0]["exception"];
const none: NonNullable<Exception> = {
  serror_pending: 0,
  serror_has_esr: 0,
  ext_dabt_pending: 0,
  pad: [0, 0, 0, 0, 0],
  serror_esr: 0n,
};
const events = (exception: Partial<typeof none>) => ({
  exception: { ...none, ...exception },
  reserved: Array<number>(12).fill(0),
});

/** A debug exit's exception class. */
function debugExit(exit: Answer): Answer {
  const { reason, esr } = exit as { reason?: string; esr?: string };
  return reason === "KVM_EXIT_DEBUG" ? "debug exit of class " + hex(BigInt(esr!) >> 26n) : exit;
}
const SOFTWARE_STEP = "debug exit of class 0x32";
const BREAKPOINT = "debug exit of class 0x30";
const WATCHPOINT = "debug exit of class 0x34";
const BRK_INSTRUCTION = "debug exit of class 0x3c";

export const vcpuStateCases: Case[] = [
  defineCase({
    name: "a vcpu is runnable or stopped, as it was initialised and as it is set",
    source: MP_STATE,
    ask(bench) {
      const vcpu = bench.vcpu();
      const set = (state: number) => [answerOf(() => vcpu.setMpState(state)), vcpu.getMpState()];
      return {
        first: vcpu.getMpState(),
        "powered off": bench.vcpu([...psci, "KVM_ARM_VCPU_POWER_OFF"]).getMpState(),
        stopped: set(mpStates.KVM_MP_STATE_STOPPED),
        runnable: set(mpStates.KVM_MP_STATE_RUNNABLE),
        suspended: set(mpStates.KVM_MP_STATE_SUSPENDED),
        halted: set(3),
        unknown: set(99),
        "never initialised": answerOf(() => bench.blankVcpu().getMpState()),
      };
    },
    expected: () => ({
      first: 0,
      "powered off": 5,
      stopped: [0, 5],
      runnable: [0, 0],
      suspended: [0, 10],
      halted: ["EINVAL", 10],
      unknown: ["EINVAL", 10],
      "never initialised": 0,
    }),
  }),
  defineCase({
    name: "no exception is pending at first; serror_has_esr tells whether an SError can have a syndrome",
    source: EVENTS,
    ask: (bench) => ({
      capability: bench.kvm.checkExtension("KVM_CAP_ARM_INJECT_SERROR_ESR"),
      events: toAnswer(bench.vcpu().getEvents()),
    }),
    check(answer) {
      assertEquals(answer.events, toAnswer(events({ serror_has_esr: answer.capability })));
    },
  }),
  defineCase({
    name: "an SError can be made pending, and reads so until it is taken",
    source: EVENTS,
    ask(bench) {
      const vcpu = bench.vcpu();
      vcpu.setEvents(events({ serror_pending: 1 }));
      return vcpu.getEvents().exception.serror_pending;
    },
    expected: () => 1,
  }),
  defineCase({
    name: "an SError's syndrome has 25 bits, and needs KVM_CAP_ARM_INJECT_SERROR_ESR",
    source: EVENTS,
    differs: "The document lets a syndrome have 24 bits; the kernel takes the 25 of ESR_ELx.ISS.",
    ask(bench) {
      const vcpu = bench.vcpu();
      const set = (serror_esr: bigint) => () =>
        vcpu.setEvents(events({ serror_pending: 1, serror_has_esr: 1, serror_esr }));
      return {
        capability: bench.kvm.checkExtension("KVM_CAP_ARM_INJECT_SERROR_ESR"),
        ...answersOf({ "25 bits": set(0x1ff_ffffn), "26 bits": set(0x200_0000n) }),
      };
    },
    check({ capability, "25 bits": fitting, "26 bits": tooLong }) {
      assertEquals(fitting, capability ? 0 : "EINVAL");
      assertEquals(tooLong, "EINVAL");
    },
  }),
  defineCase({
    name: "reserved fields of pending exceptions must be zero",
    source: EVENTS,
    ask(bench) {
      const vcpu = bench.vcpu();
      const set = (values: Parameters<typeof kvm_vcpu_events.pack>[0]) =>
        rawAnswer(vcpu, calls.KVM_SET_VCPU_EVENTS, kvm_vcpu_events.pack(values));
      return {
        reserved: set({ ...events({}), reserved: [1, ...Array(11).fill(0)] }),
        pad: set(events({ pad: [1, 0, 0, 0, 0] })),
      };
    },
    expected: () => ({ reserved: "EINVAL", pad: "EINVAL" }),
  }),
  defineCase({
    name: "an external data abort made pending is the guest's next exception, and is never read back",
    source: EVENTS,
    ask(bench) {
      const guest = new Guest(bench, [NOP, ...tell(0)]);
      guest.vcpu.setEvents(events({ ext_dabt_pending: 1 }));
      const pending = guest.vcpu.getEvents().exception.ext_dabt_pending;
      return { pending, then: guest.next() };
    },
    check({ pending, then }) {
      assertEquals(pending, 0);
      const esr = BigInt((then as { exception: string }).exception);
      // A data abort without a change of exception level, "synchronous external abort".
      assertEquals([esr >> 26n, esr & 0x3fn], [0x25n, 0x10n]);
    },
  }),
  defineCase({
    name: "debugging takes the flags arm64 has, and no others",
    source: DEBUG,
    ask(bench) {
      const vcpu = bench.vcpu();
      const set = (control: number) => answerOf(() => vcpu.setGuestDebug({ control }));
      return {
        known: Object.values(debugControl).map((flag) => set(debugControl.KVM_GUESTDBG_ENABLE | flag)),
        nothing: set(0),
        "bit 2": set(1 | 1 << 2),
        "bit 18": set(1 | 1 << 18),
        "bit 31": set((1 | 1 << 31) >>> 0),
      };
    },
    check(answer) {
      assertEquals([...answer.known, answer.nothing], [0, 0, 0, 0, 0]);
      assertEquals(answer["bit 2"], "EINVAL");
    },
  }),
  defineCase({
    name: "single step exits after each instruction, until it is turned off",
    source: DEBUG + ", KVM_GUESTDBG_SINGLESTEP",
    ask(bench) {
      const guest = new Guest(bench, [NOP, NOP, NOP, NOP, ...tell(0)]);
      const { KVM_GUESTDBG_ENABLE, KVM_GUESTDBG_SINGLESTEP } = debugControl;
      guest.vcpu.setGuestDebug({ control: KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP });
      const steps = [1, 2, 3].map(() => [debugExit(guest.next()), guest.offset()]);
      guest.vcpu.setGuestDebug({ control: 0 });
      return { steps, then: guest.next() };
    },
    expected: () => ({
      steps: [[SOFTWARE_STEP, 4], [SOFTWARE_STEP, 8], [SOFTWARE_STEP, 12]],
      then: { tells: "0x0" },
    }),
  }),
  defineCase({
    name:
      "a BRK exits before it takes effect if software breakpoints are the monitor's, else it is the guest's",
    source: DEBUG + ", KVM_GUESTDBG_USE_SW_BP",
    ask(bench) {
      const [guest, own] = [1, 2].map(() => new Guest(bench, [NOP, BRK, ...tell(0)]));
      guest!.vcpu.setGuestDebug({
        control: debugControl.KVM_GUESTDBG_ENABLE | debugControl.KVM_GUESTDBG_USE_SW_BP,
      });
      return { exit: debugExit(guest!.next()), offset: guest!.offset(), own: own!.next() };
    },
    check({ exit, offset, own }) {
      assertEquals([exit, offset], [BRK_INSTRUCTION, 4]);
      assertEquals(BigInt((own as { exception: string }).exception) >> 26n, 0x3cn);
    },
  }),
  defineCase({
    name: "a hardware breakpoint exits before the instruction it is set on",
    source: DEBUG + ", KVM_GUESTDBG_USE_HW",
    where: (offer) => offer.breakpoints > 0,
    ask(bench) {
      const guest = new Guest(bench, [NOP, NOP, NOP, ...tell(0)]);
      const E = 1n, EL1 = 1n << 1n, WHOLE_WORD = 0xfn << 5n;
      guest.vcpu.setGuestDebug({
        control: debugControl.KVM_GUESTDBG_ENABLE | debugControl.KVM_GUESTDBG_USE_HW,
        dbg_bcr: [E | EL1 | WHOLE_WORD],
        dbg_bvr: [ramBase + 8n],
      });
      return { exit: debugExit(guest.next()), offset: guest.offset() };
    },
    expected: () => ({ exit: BREAKPOINT, offset: 8 }),
  }),
  defineCase({
    name: "a hardware watchpoint exits before the access, and tells its address",
    source: DEBUG + ", KVM_GUESTDBG_USE_HW",
    where: (offer) => offer.watchpoints > 0,
    ask(bench) {
      const code = [...set(2, ramBase + 0x1000n), load(8, 1, 2), store(4, 1, 2), store(1, 1, 2), ...tell(2)];
      const guest = new Guest(bench, code);
      const E = 1n, EL1 = 1n << 1n, ON_STORES = 2n << 3n, BYTE_2 = 1n << 7n;
      guest.vcpu.setGuestDebug({
        control: debugControl.KVM_GUESTDBG_ENABLE | debugControl.KVM_GUESTDBG_USE_HW,
        dbg_wcr: [E | EL1 | ON_STORES | BYTE_2],
        dbg_wvr: [ramBase + 0x1000n],
      });
      const exit = guest.next();
      const { far } = exit as { far?: string };
      const offset = guest.offset();
      guest.vcpu.setGuestDebug({ control: 0 });
      return { exit: debugExit(exit), far: far ?? null, offset, then: guest.next() };
    },
    check({ exit, far, offset, then }) {
      assertEquals([exit, offset, then], [WATCHPOINT, 20, { tells: hex(ramBase + 0x1000n) }]);
      const distance = BigInt(far as string) - ramBase - 0x1000n;
      assert(distance >= 0n && distance <= 2n);
    },
  }),
  defineCase({
    name: "a debugger that is not enabled leaves the guest alone",
    source: DEBUG,
    ask(bench) {
      const guest = new Guest(bench, [NOP, ...tell(0)]);
      guest.vcpu.setGuestDebug({ control: debugControl.KVM_GUESTDBG_SINGLESTEP });
      return { exit: guest.next(), PSTATE: hex(guest.vcpu.getRegister(registerNamed("PSTATE"))) };
    },
    expected: () => ({ exit: { tells: "0x0" }, PSTATE: "0x3c5" }),
  }),
];
