// What a monitor changes of a VM while its vcpu runs on another thread reaches it before the call returns: memory
// slots, their logs, inputs; and eventfds are signalled both ways.

import { assertEquals, assertThrows } from "@std/assert";
import { type InterpreterBackend, interpreterBackend } from "../../../vmm/interpreter/backend.ts";
import { findHost } from "../../../vmm/interpreter/hosts.ts";
import * as calls from "../../../vmm/kvm/ioctls.ts";
import { askHost } from "../../../vmm/kvm/host_offer.ts";
import { registerNamed } from "../../../vmm/kvm/register_id.ts";
import { kvm_irq_level } from "../../../vmm/kvm/structs.ts";
import { Kvm } from "../../../vmm/kvm/system.ts";
import { mpStates } from "../../../vmm/kvm/vcpu.ts";
import { Bench, psci } from "../../conformance/bench.ts";
import { Guest, nowhere, ramBase, tell, trap } from "../../conformance/guest.ts";
import * as a64 from "../../conformance/guest_code.ts";
import { edgeTriggered, GICD_ISPENDR1, intid, pendingBit, tellPending } from "../../conformance/spi_code.ts";

const page = 0x1000n, ramSize = 0x1_0000;
const second = ramBase + BigInt(ramSize);

async function withBench(test: (bench: Bench, backend: InterpreterBackend) => Promise<void> | void) {
  const backend = interpreterBackend(findHost("max"));
  await backend.prepare();
  const kvm = Kvm.open(backend);
  using bench = new Bench({ backend, kvm, offer: askHost(kvm), eventfd: backend.eventfd });
  await test(bench, backend);
}

/** A guest's vcpu on a thread of its own. */
class Runner {
  readonly #worker = new Worker(new URL("./vcpu_runner.ts", import.meta.url), { type: "module" });
  readonly #told: unknown[] = [];
  #came = Promise.withResolvers<void>();

  constructor(backend: InterpreterBackend, fd: number) {
    this.#worker.onmessage = ({ data }) => {
      this.#told.push(data);
      this.#came.resolve();
    };
    this.#worker.postMessage({ share: backend.share(), fd });
  }

  async next(): Promise<unknown> {
    while (!this.#told.length) {
      this.#came = Promise.withResolvers();
      await this.#came.promise;
    }
    return this.#told.shift();
  }

  run() {
    this.#worker.postMessage("run");
  }

  [Symbol.dispose]() {
    this.#worker.terminate();
  }
}

async function runnerOf(backend: InterpreterBackend, guest: Guest): Promise<Runner> {
  const runner = new Runner(backend, guest.vcpu.fd);
  assertEquals(await runner.next(), "ready");
  return runner;
}

Deno.test("a slot taken away from under a vcpu that runs is gone when the call returns", () =>
  withBench(async (bench, backend) => {
    const code = [...a64.set(2, second), ...a64.set(4, 1n), a64.load(8, 1, 2), a64.branchIfNot(4, -1)];
    const guest = new Guest(bench, code);
    const memory = bench.memory(Number(page));
    const slot = { slot: 1, guestAddress: second, hostAddress: memory.address };
    guest.vm.setUserMemoryRegion({ ...slot, size: page });
    using runner = await runnerOf(backend, guest);
    for (let round = 0; round < 5; round++) {
      runner.run();
      assertEquals(await runner.next(), "entering");
      guest.vm.setUserMemoryRegion({ ...slot, size: 0n });
      assertEquals(await runner.next(), 0);
      const exit = guest.page.exit();
      assertEquals(exit.reason === "KVM_EXIT_MMIO" && [exit.address, exit.isWrite], [second, false]);
      guest.vm.setUserMemoryRegion({ ...slot, size: page });
    }
  }));

Deno.test("what the monitor sets between two runs counts in the next, whichever thread runs it", () =>
  withBench(async (bench, backend) => {
    const moveToD0 = 0x9e67_0000;
    const fp = { trapped: 0n, free: 3n << 20n };
    const loop = [moveToD0, ...tell(0)];
    const guest = new Guest(bench, [...loop, ...loop, ...loop]);
    const set = (value: bigint) => guest.vcpu.setRegister(registerNamed("CPACR_EL1"), value);
    set(fp.free);
    using runner = await runnerOf(backend, guest);
    const isException: boolean[] = [];
    for (const next of [fp.free, fp.trapped, fp.free]) {
      runner.run();
      assertEquals([await runner.next(), await runner.next()], ["entering", 0]);
      const exit = guest.page.exit();
      isException.push(exit.reason === "KVM_EXIT_MMIO" && exit.address === trap);
      set(next);
    }
    assertEquals(isException, [false, false, true]);
  }));

Deno.test("a slot of memory that was not there when the vcpu's thread began is read and executed", () =>
  withBench(async (bench, backend) => {
    const guest = new Guest(bench, [...a64.set(2, second), a64.branchTo(2)]);
    using runner = await runnerOf(backend, guest);
    const memory = bench.memory(1 << 20);
    const { buffer, byteOffset } = memory.bytes;
    new Uint32Array(buffer, byteOffset, 64).set([a64.load(8, 1, 2), ...tell(1)]);
    guest.vm.setUserMemoryRegion({
      slot: 1,
      guestAddress: second,
      size: 1n << 20n,
      hostAddress: memory.address,
    });
    runner.run();
    assertEquals([await runner.next(), await runner.next()], ["entering", 0]);
    const exit = guest.page.exit();
    const first = Array.from(memory.bytes.slice(0, 8));
    assertEquals(exit.reason === "KVM_EXIT_MMIO" && exit.data, first);
  }));

Deno.test("the log names a page that a vcpu, running on, writes again after it was read", () =>
  withBench(async (bench, backend) => {
    const flag = ramBase + 9n * page;
    const code = [
      ...[...a64.set(2, ramBase + 3n * page), ...a64.set(5, flag)],
      ...[a64.store(8, 5, 2), a64.load(8, 4, 5), a64.branchIfNot(4, 2), a64.branchIfNot(5, -3)],
      ...[a64.store(8, 5, 2), ...tell(2)],
    ];
    const guest = new Guest(bench, code, { ramFlags: { logDirtyPages: true } });
    using runner = await runnerOf(backend, guest);
    runner.run();
    assertEquals(await runner.next(), "entering");
    guest.vm.dirtyLog(0, ramSize);
    guest.vm.dirtyLog(0, ramSize);
    guest.ram.bytes[Number(9n * page)] = 1;
    assertEquals(await runner.next(), 0);
    assertEquals([...guest.vm.dirtyLog(0, ramSize)][0], 1 << 3);
  }));

Deno.test("the IRQ input of a vcpu that sleeps in WFI on another thread wakes it", () =>
  withBench(async (bench, backend) => {
    const guest = new Guest(bench, [a64.WFI, ...tell(0)]);
    using runner = await runnerOf(backend, guest);
    runner.run();
    assertEquals(await runner.next(), "entering");
    backend.ioctl(guest.vm.fd, calls.KVM_IRQ_LINE, kvm_irq_level.pack({ irq: 0, level: 1 }));
    assertEquals(await runner.next(), 0);
    assertEquals(guest.page.exit().reason, "KVM_EXIT_MMIO");
  }));

Deno.test("a suspended vcpu is so on every thread, and wakes its monitor", () =>
  withBench(async (bench, backend) => {
    const guest = new Guest(bench, tell(0));
    using runner = await runnerOf(backend, guest);
    guest.vcpu.setMpState(mpStates.KVM_MP_STATE_SUSPENDED);
    runner.run();
    assertEquals(await runner.next(), "entering");
    backend.ioctl(guest.vm.fd, calls.KVM_IRQ_LINE, kvm_irq_level.pack({ irq: 0, level: 1 }));
    assertEquals(await runner.next(), 0);
    const exit = guest.page.exit();
    assertEquals(exit.reason === "KVM_EXIT_SYSTEM_EVENT" && exit.event, "KVM_SYSTEM_EVENT_WAKEUP");
  }));

Deno.test("a guest's writes to an ioeventfd are counted until the eventfd is read", () =>
  withBench((bench, backend) => {
    const fd = backend.eventfd();
    const store = a64.store(4, 1, 2);
    const guest = new Guest(bench, [...a64.set(2, nowhere), store, store, store, ...tell(2)]);
    guest.vm.ioeventfd(fd, nowhere, 4);
    assertEquals(guest.next(), { tells: "0xb000000" });
    assertEquals([backend.readEventfd(fd), backend.readEventfd(fd)], [3n, 0n]);
    backend.close(fd);
    assertThrows(() => backend.readEventfd(fd), RangeError, `descriptor ${fd} is no eventfd`);
  }));

Deno.test("an irqfd makes its interrupt pending when it is written, also if it was before it was tied", () =>
  withBench((bench, backend) => {
    const [early, late] = [backend.eventfd(), backend.eventfd()];
    const clear = [...a64.set(2, GICD_ISPENDR1 + 0x80n), ...a64.set(1, pendingBit), a64.store(4, 1, 2)];
    const look = [...tell(28), ...tellPending];
    const guest = new Guest(bench, [...edgeTriggered, ...look, ...clear, ...look, ...look]);
    bench.readyGic(guest.vm);
    backend.writeEventfd(early, 1n);
    guest.next();
    guest.vm.irqfd(early, intid - 32);
    assertEquals([guest.next(), guest.next()][0], { tells: "0x100" });
    guest.vm.irqfd(late, intid - 32);
    assertEquals([guest.next(), guest.next()][0], { tells: "0x0" });
    backend.writeEventfd(late, 1n);
    assertEquals(guest.next(), { tells: "0x100" });
    assertEquals([early, late].map(backend.readEventfd), [0n, 0n]);
  }));

Deno.test("SYSTEM_OFF stops every vcpu of the VM", () =>
  withBench((bench) => {
    const guest = new Guest(bench, [...a64.set(0, 0x8400_0008n), a64.HVC]);
    const other = bench.vcpu(psci, guest.vm, 1);
    assertEquals(other.getMpState(), mpStates.KVM_MP_STATE_RUNNABLE);
    guest.next();
    assertEquals(other.getMpState(), mpStates.KVM_MP_STATE_STOPPED);
  }));

Deno.test("an SMC with an immediate is nobody's", () =>
  withBench((bench) => {
    const guest = new Guest(bench, [...a64.set(0, 0x8400_0000n), a64.SMC | 1 << 5, ...tell(0)]);
    assertEquals(guest.next(), { tells: "0xffffffffffffffff" });
  }));
