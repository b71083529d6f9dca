// A guest of a few instructions: RAM with its code at the start and a vector table that reports every
// exception, and one vcpu that enters it. It tells a value by storing it where no memory is.

import type { HostMemory } from "../../vmm/kvm/backend.ts";
import type { FeatureName } from "../../vmm/kvm/features.ts";
import type { Vcpu } from "../../vmm/kvm/vcpu.ts";
import type { Vm } from "../../vmm/kvm/vm.ts";
import { registerNamed } from "../../vmm/kvm/register_id.ts";
import type { RunPage } from "../../vmm/kvm/run_page.ts";
import { type Bench, psci } from "./bench.ts";
import { type Answer, answerOf, hex, toAnswer } from "./case.ts";
import { HERE, readSystem, set, store } from "./guest_code.ts";

export const ramBase = 0x4000_0000n;
const ramSize = 0x1_0000;
const vectors = 0x8000;
const vectorCount = 16;
const vectorStride = 0x80;

/** No memory is here. A store of 64 bits to it tells the value; one to `trap`, the ESR_EL1 of an exception. */
const telltale = 0x0a00_0000n;
export const trap = telltale + 8n;
/** Nor here; for cases about accesses to nowhere. */
export const nowhere = 0x0b00_0000n;

/** Code that tells Xt; X28 is lost. */
export function tell(rt: number): number[] {
  return [...set(28, telltale), store(8, rt, 28)];
}

const handler = [readSystem(27, "ESR_EL1"), ...set(28, trap), store(8, 27, 28), HERE];

export interface GuestOptions {
  readonly features?: readonly FeatureName[];
  /** In bits; the host's best unless given. */
  readonly lengths?: readonly number[];
  readonly vm?: Vm;
  readonly ramFlags?: { readonly readOnly?: boolean; readonly logDirtyPages?: boolean };
}

export class Guest {
  readonly vm: Vm;
  readonly vcpu: Vcpu;
  readonly page: RunPage;
  readonly ram: HostMemory;

  constructor(bench: Bench, code: readonly number[], options: GuestOptions = {}) {
    this.vm = options.vm ?? bench.vm();
    this.ram = bench.memory(ramSize);
    const { buffer, byteOffset, length } = this.ram.bytes;
    const words = new Uint32Array(buffer, byteOffset, length / 4);
    words.set([...code, HERE]);
    for (let n = 0; n < vectorCount; n++) words.set(handler, (vectors + n * vectorStride) / 4);
    const region = { slot: 0, guestAddress: ramBase, size: BigInt(ramSize), hostAddress: this.ram.address };
    this.vm.setUserMemoryRegion({ ...region, ...options.ramFlags });
    this.vcpu = bench.readyVcpu(options.features ?? psci, options.lengths, this.vm);
    this.page = enter(bench, this.vcpu, ramBase);
  }

  /** Runs until the next thing to tell: a value or an exception of the guest's, an exit, or KVM_RUN's error. */
  next(): Answer {
    return nextOf(this.vcpu, this.page);
  }

  /** The next `count` of them. */
  take(count: number): Answer[] {
    return Array.from({ length: count }, () => this.next());
  }

  /** Bytes between the program counter and the start of the code. */
  offset(): number {
    return Number(this.vcpu.getRegister(registerNamed("PC")) - ramBase);
  }
}

/** Makes a vcpu start at an address of a guest's RAM. */
export function enter(bench: Bench, vcpu: Vcpu, address: bigint): RunPage {
  vcpu.setRegister(registerNamed("PC"), address);
  vcpu.setRegister(registerNamed("VBAR_EL1"), ramBase + BigInt(vectors));
  const page = vcpu.mapRunPage();
  bench.defer(() => bench.host.backend.unmapRunPage(page.buffer));
  return page;
}

export function nextOf(vcpu: Vcpu, page: RunPage): Answer {
  return answerOf(() => {
    if (vcpu.run() !== 0) return "EINTR";
    const exit = page.exit();
    if (exit.reason !== "KVM_EXIT_MMIO" || !exit.isWrite) return toAnswer(exit);
    const value = hex(exit.data.reduceRight((sum, byte) => sum << 8n | BigInt(byte), 0n));
    if (exit.address === telltale) return { tells: value };
    return exit.address === trap ? { exception: value } : toAnswer(exit);
  });
}

/** The class of an exception that a guest told (Arm DDI 0487, "ESR_EL1, EC"); any other answer as it is. */
export function exceptionClass(answer: Answer): Answer {
  const told = (answer as { exception?: string }).exception;
  return told === undefined ? answer : "exception class " + hex(BigInt(told) >> 26n);
}
