// Cases about PSCI by the kernel (Arm DEN 0022) and hypercalls: what the guest is told, what comes to the monitor.

import type { FeatureName } from "../../../vmm/kvm/features.ts";
import { mpStates } from "../../../vmm/kvm/vcpu.ts";
import { registerNamed } from "../../../vmm/kvm/register_id.ts";
import { type Bench, psci } from "../bench.ts";
import type { Capability } from "../../../vmm/kvm/capabilities.ts";
import { type Answer, type Case, defineCase, hex } from "../case.ts";
import { enter, Guest, nextOf, ramBase, tell } from "../guest.ts";
import { HVC, set, SMC } from "../guest_code.ts";

const PSCI = 'Arm DEN 0022, "PSCI functions"';
const EVENT = 'KVM document, "5. The kvm_run structure", KVM_EXIT_SYSTEM_EVENT';

const VERSION = 0x8400_0000n;
const CPU_OFF = 0x8400_0002n;
const CPU_ON = 0xc400_0003n;
const AFFINITY_INFO = 0xc400_0004n;
const MIGRATE_INFO_TYPE = 0x8400_0006n;
const SYSTEM_OFF = 0x8400_0008n;
const SYSTEM_RESET = 0x8400_0009n;
const FEATURES = 0x8400_000an;
const SYSTEM_SUSPEND = 0xc400_000en;
const SYSTEM_RESET2 = 0xc400_0012n;
const SMCCC_VERSION = 0x8000_0000n;
const unheardOf = 0x8400_00ffn;

const NOT_SUPPORTED = "0xffffffffffffffff";
const INVALID_PARAMETERS = "0xfffffffffffffffe";
const ALREADY_ON = "0xfffffffffffffffc";

/** Calls a function through HVC and tells what it answers. */
function call(id: bigint, ...args: bigint[]): number[] {
  return [id, ...args].flatMap((value, n) => set(n, value)).concat(HVC, tell(0));
}

const tells = (value: string): Answer => ({ tells: value });

/** One call each, from one guest, as far as it comes back. */
function ask(bench: Bench, calls: Record<string, number[]>): Record<string, Answer> {
  const guest = new Guest(bench, Object.values(calls).flat());
  return Object.fromEntries(Object.keys(calls).map((name) => [name, guest.next()]));
}

/** What the monitor gets when a guest calls; and the vcpu's run state then. */
function event(bench: Bench, code: number[], capability?: Capability) {
  const vm = bench.vm();
  if (capability) vm.enableCapability(capability);
  const guest = new Guest(bench, code, { vm });
  return { exit: guest.next(), state: guest.vcpu.getMpState() };
}

const systemEvent = (name: string, data: string[] = []): Answer => ({
  reason: "KVM_EXIT_SYSTEM_EVENT",
  event: name,
  data,
});

const poweredOff: FeatureName[] = [...psci, "KVM_ARM_VCPU_POWER_OFF"];

export const psciCases: Case[] = [
  defineCase({
    name: "the guest is told which functions there are",
    source: PSCI,
    ask: (bench) =>
      ask(bench, {
        PSCI_VERSION: call(VERSION),
        SMCCC_VERSION: call(SMCCC_VERSION),
        MIGRATE_INFO_TYPE: call(MIGRATE_INFO_TYPE),
        "PSCI_FEATURES of CPU_ON": call(FEATURES, CPU_ON),
        "PSCI_FEATURES of SYSTEM_SUSPEND": call(FEATURES, SYSTEM_SUSPEND),
        "PSCI_FEATURES of SYSTEM_RESET2": call(FEATURES, SYSTEM_RESET2),
        "PSCI_FEATURES of an unknown function": call(FEATURES, unheardOf),
        "an unknown function": call(unheardOf),
        "a function of another kind": call(0x8600_ff01n + 0x10n),
      }),
    expected: () => ({
      PSCI_VERSION: tells("0x10001"),
      SMCCC_VERSION: tells("0x10001"),
      MIGRATE_INFO_TYPE: tells("0x2"),
      "PSCI_FEATURES of CPU_ON": tells("0x0"),
      "PSCI_FEATURES of SYSTEM_SUSPEND": tells(NOT_SUPPORTED),
      "PSCI_FEATURES of SYSTEM_RESET2": tells("0x0"),
      "PSCI_FEATURES of an unknown function": tells(NOT_SUPPORTED),
      "an unknown function": tells(NOT_SUPPORTED),
      "a function of another kind": tells(NOT_SUPPORTED),
    }),
  }),
  defineCase({
    name: "SYSTEM_OFF exits with KVM_SYSTEM_EVENT_SHUTDOWN, its vcpu stopped",
    source: EVENT,
    ask: (bench) => event(bench, call(SYSTEM_OFF)),
    expected: () => ({
      exit: systemEvent("KVM_SYSTEM_EVENT_SHUTDOWN", ["0x0"]),
      state: mpStates.KVM_MP_STATE_STOPPED,
    }),
  }),
  defineCase({
    name: "SYSTEM_RESET exits with KVM_SYSTEM_EVENT_RESET, its vcpu stopped",
    source: EVENT,
    ask: (bench) => event(bench, call(SYSTEM_RESET)),
    expected: () => ({
      exit: systemEvent("KVM_SYSTEM_EVENT_RESET", ["0x0"]),
      state: mpStates.KVM_MP_STATE_STOPPED,
    }),
  }),
  defineCase({
    name: "SYSTEM_RESET2 exits with KVM_SYSTEM_EVENT_RESET and its flag",
    source: EVENT,
    ask: (bench) => event(bench, call(SYSTEM_RESET2, 0n, 0n)),
    expected: () => ({
      exit: systemEvent("KVM_SYSTEM_EVENT_RESET", ["0x1"]),
      state: mpStates.KVM_MP_STATE_STOPPED,
    }),
  }),
  defineCase({
    name: "SYSTEM_SUSPEND is not supported unless KVM_CAP_ARM_SYSTEM_SUSPEND is enabled, then it exits",
    source: 'KVM document, "8.36 KVM_CAP_ARM_SYSTEM_SUSPEND"',
    ask: (bench) => ({
      without: event(bench, call(SYSTEM_SUSPEND, ramBase, 0n)),
      with: event(bench, call(SYSTEM_SUSPEND, ramBase, 0n), "KVM_CAP_ARM_SYSTEM_SUSPEND"),
    }),
    expected: () => ({
      without: { exit: tells(NOT_SUPPORTED), state: mpStates.KVM_MP_STATE_RUNNABLE },
      with: { exit: systemEvent("KVM_SYSTEM_EVENT_SUSPEND"), state: mpStates.KVM_MP_STATE_RUNNABLE },
    }),
  }),
  defineCase({
    name:
      "a monitor that does not know what to do with SYSTEM_SUSPEND runs on: the guest resumes after its call",
    source: 'KVM document, "5. The kvm_run structure", KVM_SYSTEM_EVENT_SUSPEND',
    ask(bench) {
      const vm = bench.vm();
      vm.enableCapability("KVM_CAP_ARM_SYSTEM_SUSPEND");
      const guest = new Guest(bench, call(SYSTEM_SUSPEND, ramBase, 0n), { vm });
      guest.next();
      guest.vcpu.setRegister(registerNamed("X0"), BigInt(NOT_SUPPORTED));
      return guest.next();
    },
    expected: () => tells(NOT_SUPPORTED),
  }),
  defineCase({
    name:
      "CPU_ON starts a vcpu that was initialised powered off, at the address and with the value it is given",
    source: PSCI,
    ask(bench) {
      const entry = ramBase + 0x400n;
      const code = [...call(AFFINITY_INFO, 1n, 0n), ...call(CPU_ON, 1n, entry, 0x1234n)];
      const again = [...call(CPU_ON, 1n, entry, 0x1234n), ...call(AFFINITY_INFO, 1n, 0n)];
      const guest = new Guest(bench, [...code, ...again, ...call(CPU_ON, 9n, entry, 0n)]);
      guest.ram.bytes.set(new Uint8Array(Uint32Array.from(tell(0)).buffer), 0x400);
      const second = bench.vcpu(poweredOff, guest.vm, 1);
      const page = enter(bench, second, 0n);
      const state = second.getMpState();
      const told = guest.take(5);
      return {
        "before, its state": state,
        "the caller is told": told,
        "after, its state": second.getMpState(),
        "it tells": nextOf(second, page),
        PSTATE: hex(second.getRegister(registerNamed("PSTATE"))),
      };
    },
    expected: () => ({
      "before, its state": mpStates.KVM_MP_STATE_STOPPED,
      "the caller is told": [
        tells("0x1"),
        tells("0x0"),
        tells(ALREADY_ON),
        tells("0x0"),
        tells(INVALID_PARAMETERS),
      ],
      "after, its state": mpStates.KVM_MP_STATE_RUNNABLE,
      "it tells": tells("0x1234"),
      PSTATE: "0x3c5",
    }),
  }),
  defineCase({
    name: "without KVM_ARM_VCPU_PSCI_0_2 there is only PSCI 0.1, which has no version",
    source: 'KVM document, "4.82 KVM_ARM_VCPU_INIT"',
    ask(bench) {
      const guest = new Guest(bench, [...call(VERSION), ...call(CPU_OFF + 0x1000n)], { features: [] });
      return guest.take(2);
    },
    expected: () => [tells(NOT_SUPPORTED), tells(NOT_SUPPORTED)],
  }),
  defineCase({
    name: "a call through SMC is served like one through HVC",
    source: "Linux 6.12",
    ask: (bench) => new Guest(bench, [...set(0, VERSION), SMC, ...tell(0)]).next(),
    expected: () => tells("0x10001"),
  }),
];
