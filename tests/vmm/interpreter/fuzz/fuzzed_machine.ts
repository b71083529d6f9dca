// A machine of one vcpu in this process, for running whatever code: a bounded number of instructions, its exits
// answered, its memory between two strips that nothing may touch.

import { gicAttributes } from "../../../../vmm/kvm/device_types.ts";
import { errno } from "../../../../vmm/kvm/errno.ts";
import { exitReasons, RunPage } from "../../../../vmm/kvm/run_page.ts";
import { Kvm } from "../../../../vmm/kvm/system.ts";
import { interpreterBackend } from "../../../../vmm/interpreter/backend.ts";
import type { Cpu } from "../../../../vmm/interpreter/a64/cpu.ts";
import type { CpuSurroundings } from "../../../../vmm/interpreter/a64/surroundings.ts";
import { findHost } from "../../../../vmm/interpreter/hosts.ts";
import { Power } from "../../../../vmm/interpreter/power.ts";
import { Processor } from "../../../../vmm/interpreter/processor.ts";
import type { MakeWatch } from "../../../../vmm/interpreter/watch.ts";
import { VcpuState } from "../../../../vmm/interpreter/vcpu_state.ts";
import type { Random } from "../../../devices/random.ts";

export const ram = { base: 0x4000_0000, size: 0x20_0000 } as const;
const guardBytes = 0x1_0000;
const guardByte = 0xa5;
/** As a load of a word, or of two, would find them. */
const guardWords = [0xa5a5_a5a5n, 0xffff_ffff_a5a5_a5a5n, 0xa5a5_a5a5_a5a5_a5a5n];
const distributor = 0x0800_0000, redistributors = 0x080a_0000;
const gicGroup = gicAttributes.KVM_DEV_ARM_VGIC_GRP_ADDR;
const u64 = (value: number) => new Uint8Array(new BigUint64Array([BigInt(value)]).buffer);

/** PSCI's CPU_OFF, after which nobody would turn the vcpu on again. */
const cpuOff = 0x8400_0002n;

/** What became of a run. */
export interface Ran {
  readonly instructions: number;
  readonly exits: number;
}

export interface FuzzedMachine {
  readonly memory: Uint8Array;
  readonly cpu: Cpu;
  /** Runs about so many instructions. */
  run(instructions: number, random: Random): Ran;
  /** Whether a general register holds bytes that lie beside the guest's memory. */
  hasSeenGuard(): boolean;
  /** Whether the bytes beside the guest's memory are no longer what they were. */
  isDamaged(): boolean;
}

export async function fuzzedMachine(host: string): Promise<FuzzedMachine> {
  const backend = interpreterBackend(findHost(host));
  await backend.prepare();
  const kvm = Kvm.open(backend);
  const vm = kvm.createVm();
  const before = backend.allocate(guardBytes);
  const guest = backend.allocate(ram.size);
  const after = backend.allocate(guardBytes);
  for (const { bytes } of [before, after]) bytes.fill(guardByte);
  vm.setUserMemoryRegion({
    slot: 0,
    guestAddress: BigInt(ram.base),
    size: BigInt(ram.size),
    hostAddress: guest.address,
  });
  vm.enableCapability("KVM_CAP_ARM_NISV_TO_USER");
  const vcpu = vm.createVcpu(0);
  vcpu.init(5, ["KVM_ARM_VCPU_PSCI_0_2", "KVM_ARM_VCPU_SVE"]);
  vcpu.finalize("KVM_ARM_VCPU_SVE");
  const gic = vm.createDevice("KVM_DEV_TYPE_ARM_VGIC_V3");
  gic.setAttribute(gicGroup, gicAttributes.KVM_VGIC_V3_ADDR_TYPE_DIST, u64(distributor));
  gic.setAttribute(gicGroup, gicAttributes.KVM_VGIC_V3_ADDR_TYPE_REDIST, u64(redistributors));
  gic.setAttribute(gicAttributes.KVM_DEV_ARM_VGIC_GRP_CTRL, gicAttributes.KVM_DEV_ARM_VGIC_CTRL_INIT);
  const [, share] = backend.share().vms[0]!;
  const [vcpuShare] = share.vcpus;
  const page = new RunPage(vcpuShare!.runPage);
  const bound = { left: 0 };
  const state = new VcpuState(true, new Power(share.power), 0, vcpuShare!.guestDebug);
  const processor = new Processor(share, vcpuShare!, state, undefined, bounding(page, bound));
  return {
    memory: guest.bytes,
    cpu: processor.cpu,
    run: (instructions, random) => {
      bound.left = instructions;
      page.immediateExit = false;
      const exits = serve(processor, page, state, random);
      return { instructions: instructions - bound.left, exits };
    },
    hasSeenGuard: () => processor.cpu.x.slice(0, 31).some((x) => guardWords.includes(x)),
    isDamaged: () => [before, after].some(({ bytes }) => bytes.some((byte) => byte !== guardByte)),
  };
}

/** Asks the vcpu to come back when its instructions are spent; it never sleeps. */
function bounding(page: RunPage, bound: { left: number }): MakeWatch {
  return (memory) => ({
    memory,
    host: (host) => host,
    attach() {},
    surroundings: (around): CpuSurroundings => ({
      ...around,
      waitForInterrupt() {},
      waitForEvent() {},
      hvc(cpu, immediate) {
        if (BigInt.asUintN(32, cpu.readX(0)) === cpuOff) cpu.writeX(0, 0n);
        return around.hvc(cpu, immediate);
      },
    }),
    run(engine, budget) {
      const begun = engine.executed;
      try {
        engine.run(Math.min(budget, bound.left));
      } finally {
        // Leaving costs something too, so that a guest that does nothing else ends.
        bound.left -= Math.max(engine.executed - begun, 1);
        if (bound.left <= 0) page.immediateExit = true;
      }
    },
  });
}

function serve(processor: Processor, page: RunPage, state: VcpuState, random: Random): number {
  for (let exits = 0;; exits++) {
    const answer = processor.run();
    if (answer === -errno.EINTR) return exits;
    if (answer !== 0) throw new Error(`KVM_RUN answered ${answer}`);
    switch (page.exitReason) {
      case exitReasons.KVM_EXIT_MMIO:
        if (!page.mmioIsWrite) [0, 1].forEach((word) => page.setMmioData(word as 0 | 1, random.word()));
        break;
      case exitReasons.KVM_EXIT_ARM_NISV:
        state.hasPendingAbort = true;
        break;
      case exitReasons.KVM_EXIT_INTERNAL_ERROR:
        return exits;
      case exitReasons.KVM_EXIT_SYSTEM_EVENT:
        break;
      default:
        throw new Error(`KVM_RUN gave exit ${page.exitReason}`);
    }
  }
}
