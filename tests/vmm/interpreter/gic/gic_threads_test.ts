// Threads that share a GICv3: each has a model of its own over the same words, and no interrupt is lost.

import { assertEquals } from "@std/assert";
import { GicModel } from "../../../../vmm/interpreter/gic/gic_model.ts";
import { GicDriver } from "./gic_driver.ts";
import { sharedWords, stopWord, type Task } from "./gic_task.ts";

const vcpus = 2, interrupts = 96, rounds = 20_000, edges = 200;
const spis = Array.from({ length: 64 }, (_, n) => 32 + n);

function start(task: Task): Promise<void> {
  const worker = new Worker(new URL("gic_worker.ts", import.meta.url), { type: "module" });
  const done = Promise.withResolvers<void>();
  worker.onmessage = () => {
    worker.terminate();
    done.resolve();
  };
  worker.onerror = (event) => done.reject(event.error);
  worker.postMessage(task);
  return done.promise;
}

function sharedGic() {
  const gic = new GicDriver(vcpus, interrupts).start();
  const shared = new Int32Array(new SharedArrayBuffer(4 * sharedWords(vcpus)));
  const task = { vcpus, interrupts, words: gic.words, shared, rounds };
  return { gic, shared, task };
}

Deno.test("a vcpu takes every SGI that another thread sends it, one by one", async () => {
  const { gic, shared, task } = sharedGic();
  for (let intid = 0; intid < 8; intid++) gic.enable(intid, 0x80, 1);
  await Promise.all([
    start({ ...task, role: "taker", vcpu: 1 }),
    start({ ...task, role: "sender", vcpu: 0 }),
  ]);
  assertEquals([shared[vcpus], shared[vcpus + 1]], [0, rounds]);
  assertEquals(gic.model.acknowledge(1), 1023);
});

Deno.test("two vcpus take the edges of 64 SPIs that a third thread raises, each as often as it was raised", async () => {
  const { gic, shared, task } = sharedGic();
  spis.forEach((intid) => {
    gic.makeEdge(intid);
    gic.enable(intid, 0x80);
    gic.route(intid, intid & 1);
  });
  const model = new GicModel(gic.words, vcpus, interrupts, (vcpu) => {
    Atomics.add(shared, vcpu, 1);
    Atomics.notify(shared, vcpu);
  });
  const takers = [0, 1].map((vcpu) => start({ ...task, role: "taker", vcpu }));
  const taken = async (vcpu: number, count: number) => {
    for (let seen; (seen = Atomics.load(shared, vcpus + vcpu)) < count;) {
      await Atomics.waitAsync(shared, vcpus + vcpu, seen).value;
    }
  };
  for (let round = 1; round <= edges; round++) {
    for (const intid of spis) model.setLine(0, intid, true);
    for (const intid of spis) model.setLine(0, intid, false);
    await Promise.all([taken(0, round * 32), taken(1, round * 32)]);
  }
  Atomics.store(shared, stopWord(vcpus), 1);
  [0, 1].forEach((vcpu) => {
    Atomics.add(shared, vcpu, 1);
    Atomics.notify(shared, vcpu);
  });
  await Promise.all(takers);
  assertEquals([shared[vcpus], shared[vcpus + 1]], [edges * 32, edges * 32]);
});
