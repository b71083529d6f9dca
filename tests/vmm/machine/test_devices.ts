// The board's devices over a backend that answers 0 to everything, and what they tell the machine.

import { GuestMemory } from "../../../guest/memory.ts";
import { Vm } from "../../../vmm/kvm/vm.ts";
import { ramBase } from "../../../vmm/machine/board.ts";
import { ByteRing } from "../../../vmm/machine/byte_ring.ts";
import { ControlBlock } from "../../../vmm/machine/control_block.ts";
import { Counters } from "../../../vmm/machine/counters.ts";
import { createDevices } from "../../../vmm/machine/device_host.ts";
import type { Drive } from "../../../vmm/machine/drive.ts";
import type { Ending } from "../../../vmm/machine/ending.ts";
import { scriptedBackend } from "../kvm/scripted_backend.ts";

/** The console's rings hold 16 bytes. */
export function createTestDevices({ drives = [] as readonly Drive[] } = {}) {
  const { backend, calls } = scriptedBackend({});
  const control = new ControlBlock(1);
  const [input, output] = [ByteRing.ofCapacity(16), ByteRing.ofCapacity(16)];
  const endings: Ending[] = [];
  const misuses: string[] = [];
  const devices = createDevices({
    vm: new Vm(backend, 4, "VM", 4096),
    backend,
    memory: new GuestMemory(new Uint8Array(1 << 16), ramBase),
    control,
    counters: new Counters(1),
    flash: [],
    drives,
    input,
    output,
    onEnding: (ending) => void endings.push(ending),
    onOutput() {},
    now: Date.now,
    wakeAt() {},
    fillRandom: (into) => void crypto.getRandomValues(into),
    onSilence() {},
    onMisuse: (line) => void misuses.push(line),
  });
  return { devices, calls, control, input, output, endings, misuses };
}
