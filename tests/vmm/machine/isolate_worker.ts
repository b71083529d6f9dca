// The other side of isolate.ts.

import type { Width } from "../../../devices/device.ts";
import { KVM_CHECK_EXTENSION } from "../../../vmm/kvm/ioctls.ts";
import { ByteRing } from "../../../vmm/machine/byte_ring.ts";
import { ControlBlock, lifecycle } from "../../../vmm/machine/control_block.ts";
import { remoteTarget, serveMmio, serveSlots } from "../../../vmm/machine/mmio.ts";
import { withTranscript } from "../../../vmm/machine/transcript_output.ts";
import { scriptedBackend } from "../kvm/scripted_backend.ts";
import type { Access, IsolateJob } from "./isolate.ts";
import { mmioPage } from "./mmio_page.ts";

declare const self: {
  onmessage: (event: MessageEvent<IsolateJob>) => void;
  postMessage(message: unknown): void;
};

self.onmessage = async ({ data }) => self.postMessage(await perform(data));

function perform(job: IsolateJob): unknown {
  switch (job.does) {
    case "send":
      return send(new ByteRing(job.ring), job.count);
    case "receive":
      return receive(new ByteRing(job.ring), job.count);
    case "access":
      return access(new ControlBlock(job.vcpus, job.control), job.vcpu, job.accesses);
    case "serve":
      return serve(new ControlBlock(job.vcpus, job.control), job.base);
    case "hold":
      return new ControlBlock(job.vcpus, job.control).holdWhilePaused();
    case "release":
      return release(new ControlBlock(job.vcpus, job.control));
    case "transcribe":
      return transcribe(job.file, job.first, job.count);
  }
}

function send(ring: ByteRing, count: number) {
  for (let n = 0; n < count; n++) {
    while (!ring.push(n * 7 & 0xff)) ring.awaitTaken(1000);
  }
}

function receive(ring: ByteRing, count: number): boolean {
  const byte = new Uint8Array(1);
  let areRight = true;
  for (let n = 0; n < count; n += ring.take(byte)) {
    if (ring.length > 0) areRight &&= ring.peek(byte) === 1 && byte[0] === (n * 7 & 0xff);
  }
  return areRight;
}

function access(control: ControlBlock, vcpu: number, accesses: readonly Access[]): number[][] {
  const target = remoteTarget(control, vcpu);
  return accesses.map((one) => {
    const page = mmioPage(one);
    serveMmio(page, target);
    return [page.mmioData(0), page.mmioData(1)];
  });
}

function serve(control: ControlBlock, base: number) {
  const memory = new DataView(new ArrayBuffer(1 << 16));
  const target = {
    read: (address: number, width: Width) => readers[width](memory, address - base),
    write: (address: number, width: Width, value: number) => writers[width](memory, address - base, value),
  };
  for (let heard = control.doorbell; control.state !== lifecycle.stopped; heard = control.doorbell) {
    if (!serveSlots(control, target)) control.awaitDoorbell(heard);
  }
}

const readers: Record<Width, (memory: DataView, at: number) => number> = {
  1: (memory, at) => memory.getUint8(at),
  2: (memory, at) => memory.getUint16(at, true),
  4: (memory, at) => memory.getUint32(at, true),
};
const writers: Record<Width, (memory: DataView, at: number, value: number) => void> = {
  1: (memory, at, value) => memory.setUint8(at, value),
  2: (memory, at, value) => memory.setUint16(at, value, true),
  4: (memory, at, value) => memory.setUint32(at, value, true),
};

async function release(control: ControlBlock) {
  await control.whenHeld(1);
  control.state = lifecycle.running;
}

function transcribe(file: string, first: number, count: number) {
  const backend = withTranscript(scriptedBackend({}).backend, { format: "json", file });
  for (let n = 0; n < count; n++) backend.ioctl(3, KVM_CHECK_EXTENSION, first + n);
}
