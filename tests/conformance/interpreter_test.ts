// The interpreter answers the recorded cases of every host shape as real KVM did: every case, and every error.

import { interpreterBackend } from "../../vmm/interpreter/backend.ts";
import { findHost } from "../../vmm/interpreter/hosts.ts";
import { hostShapes } from "../kvm-host/host_shapes.ts";
import { runList } from "./list.ts";
import { holdToRecording, readRecording } from "./recordings.ts";

for (const { name: shape, about } of hostShapes) {
  Deno.test(`the interpreter answers as real KVM does on ${shape} (${about})`, async (t) => {
    const backend = interpreterBackend(findHost(shape));
    await backend.prepare();
    await holdToRecording(t, runList(backend, backend.eventfd), await readRecording(shape));
  });
}
