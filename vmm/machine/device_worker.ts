// The devices' own Worker, in a machine of several vcpus: it sleeps until a vcpu hands it an access or the
// control side has input for it.

import { lifecycle } from "./control_block.ts";
import { haveDevices, join, serveJob } from "./isolate.ts";
import type { DeviceIsolateJob } from "./isolates.ts";
import { serveSlots } from "./mmio.ts";

serveJob(async (job: DeviceIsolateJob) => {
  const joined = await join(job, []);
  const { control } = joined;
  const devices = haveDevices(joined, job.devices);
  // The doorbell is read before the state: whoever stops the machine changes the state first and then rings.
  for (let heard = control.doorbell; control.state !== lifecycle.stopped; heard = control.doorbell) {
    devices.poll();
    if (!serveSlots(control, devices.target)) control.awaitDoorbell(heard);
  }
  // A vcpu that still waits for an answer is let go.
  serveSlots(control, { read: () => 0, write: () => {} });
  devices.close();
  return {};
});
