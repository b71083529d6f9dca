import { assertEquals } from "@std/assert";
import { caughtIn } from "../../../vmm/machine/death_report.ts";
import type { TakenException } from "../../../vmm/kvm/syndrome.ts";

const abort: TakenException = {
  kind: "synchronous",
  esr: 0x9600_0010,
  far: 0xdead_0000n,
  pc: 0x4008_0004n,
  returnAddress: 0x4008_0004n,
  spsr: 0x3c5,
  vector: 0x4000_0200n,
  times: 1,
};

const machine = (...exceptions: readonly TakenException[][]) => ({
  virtual: { vcpus: exceptions.map((_, index) => ({ index })) },
  lastExceptions: (vcpu: number) => exceptions[vcpu]!,
});
const times = (count: number, one: TakenException) => Array.from({ length: count }, () => one);

Deno.test("a guest that took the same exception again and again is told of, and of each vcpu that did", () => {
  const told = caughtIn(machine([], times(16, abort)));
  assertEquals(told.length, 1);
  assertEquals(told[0]!.split(": ")[0], "vcpu 1 took the same exception again and again");
});

Deno.test("few exceptions, different ones, and interrupts are no such thing", () => {
  const elsewhere = { ...abort, far: 0n };
  assertEquals(
    caughtIn(
      machine(times(15, abort), [...times(15, abort), elsewhere], times(16, { ...abort, kind: "irq" })),
    ),
    [],
  );
});
