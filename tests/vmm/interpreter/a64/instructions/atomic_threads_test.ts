// Atomic instructions of vcpus that are threads.

import { assertEquals } from "@std/assert";
import { counters, layout, program } from "./atomic_program.ts";

const vcpus = 2;
const rounds = 100_000;
const pages = (layout.vcpus + vcpus * layout.bytesOfVcpu) / 0x1_0000;

function finished(worker: Worker): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  worker.onmessage = () => resolve();
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  return promise;
}

async function countIn(memory: WebAssembly.Memory) {
  const url = new URL("./atomic_vcpu.ts", import.meta.url);
  const workers = Array.from({ length: vcpus }, () => new Worker(url, { type: "module" }));
  try {
    const all = workers.map(finished);
    workers.forEach((worker, index) => worker.postMessage({ memory, pages, index, vcpus, rounds }));
    await Promise.all(all);
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

Deno.test("vcpus that count in the same memory at the same time lose no count", async () => {
  const memory = new WebAssembly.Memory(
    { initial: BigInt(pages), maximum: BigInt(pages), shared: true, address: "i64" } as never,
  );
  new Uint32Array(memory.buffer, layout.code).set(program);
  await countIn(memory);
  const view = new DataView(memory.buffer);
  const all = BigInt(vcpus * rounds);
  assertEquals(counters.map((at) => view.getBigUint64(at, true)), [all, all, all, 2n * all]);
});
