// Real KVM, in the test bed, answers every case on every host shape as it did when recorded, and as promised.

import { assert, assertEquals } from "@std/assert";
import { errno, type ErrnoName } from "../../vmm/kvm/errno.ts";
import type { Ioctl } from "../../vmm/kvm/ioctl.ts";
import * as calls from "../../vmm/kvm/ioctls.ts";
import { meaningOf } from "../../vmm/kvm/kvm_error.ts";
import { hostShapes } from "../kvm-host/host_shapes.ts";
import { requireBed } from "../kvm-host/bed.ts";
import { cases } from "./list.ts";
import { askKernel } from "./real_kvm.ts";
import { holdToRecording, readRecording } from "./recordings.ts";

Deno.test("each case has a name of its own and is asked on some host", async () => {
  assertEquals(cases.length, new Set(cases.map(({ name }) => name)).size);
  const recordings = await Promise.all(hostShapes.map(({ name }) => readRecording(name)));
  for (const { name } of cases) {
    assert(recordings.some(({ answers }) => name in answers), `no recording has "${name}"`);
  }
});

Deno.test("every error the kernel was heard to answer has a meaning that says what was wrong", async () => {
  const recordings = await Promise.all(hostShapes.map(({ name }) => readRecording(name)));
  const known = new Map<string, Ioctl>(Object.values(calls).map((ioctl) => [ioctl.name, ioctl]));
  for (const error of new Set(recordings.flatMap(({ errors }) => errors))) {
    const [name = "", code = ""] = error.split(" ");
    const ioctl = known.get(name);
    if (ioctl) assert(!meaningOf(ioctl, errno[code as ErrnoName]).includes("no meaning of its own"), error);
  }
});

const hasBed = await requireBed();

for (const { name, about, sveLengths, ptrauth, gic } of hostShapes) {
  Deno.test({
    name: `real KVM answers as recorded on ${name} (${about})`,
    ignore: !hasBed,
    async fn(t) {
      const [said, recording] = [await askKernel(name), await readRecording(name)];
      if (said.kernel !== recording.kernel) {
        console.log(`recorded on kernel ${recording.kernel}, compared with ${said.kernel}`);
      }
      await t.step("the host is of its shape", () => {
        const { vectorLengths, ptrauthAddress, ptrauthGeneric, gics } = said.offer;
        assertEquals(vectorLengths, sveLengths);
        assertEquals([ptrauthAddress, ptrauthGeneric], [ptrauth, ptrauth]);
        assertEquals(gics, [`v${gic}`]);
      });
      await holdToRecording(t, said, recording);
    },
  });
}
