// What a running vcpu finds around it: timers, interrupt controller, hypercalls, devices and the other vcpus.

import type { AccessSize, Cpu } from "./a64/cpu.ts";
import type { CodePages } from "./a64/code_pages.ts";
import { cpuWord } from "./a64/cpu_layout.ts";
import { isUnwritten, logWrite } from "./a64/physical_memory.ts";
import type { Broadcast, CpuSurroundings } from "./a64/surroundings.ts";
import { type Attention, requests } from "./attention.ts";
import { GicFrames } from "./gic/gic_frames.ts";
import { GicModel, type IccName } from "./gic/gic_model.ts";
import { GicV2Frames } from "./gic/v2_frames.ts";
import { GicV2Model } from "./gic/v2_model.ts";
import { signals } from "./gic/gic_state.ts";
import { type Arguments, type HypercallHost, NOT_SUPPORTED, type SystemEvent } from "./hypercall.ts";
import type { Reader } from "./published.ts";
import type { FillRandom } from "./seeded_random.ts";
import type { VcpuShare, VmShare } from "./machine_share.ts";
import { hypercall } from "./smccc.ts";
import { type TimerName, type TimerPart, type Timers } from "./timers.ts";

/** CNTFRQ_EL0: ticks of a second. */
export const counterFrequency = 62_500_000;

/** How a vcpu leaves its engine for its monitor. Thrown, or noted where the instruction is done. */
export interface Exits {
  /** Never returns. `value` of a write. */
  device(address: number, bytes: AccessSize, value: bigint | undefined): never;
  event(event: SystemEvent): void;
  /** See CpuSurroundings. */
  cannotGoOn(cpu: Cpu): void;
}

/**
 * Waits for so many ticks of the counters at most, until an interrupt is pending or, if asked, for an event too.
 * True if that is still to be done, by whoever runs the vcpu, once the engine is left.
 */
export type Wait = (ticks: number, isForEvent: boolean) => boolean;

export interface Parts {
  readonly vm: VmShare;
  readonly vcpu: VcpuShare;
  readonly attention: Attention;
  readonly gic: GicModel | GicV2Model | undefined;
  readonly timers: Timers;
  /** Which of `signals` are up for this vcpu. */
  readonly signal: () => number;
  /** What can change while the vcpu runs. */
  readonly hypercalls: () => HypercallHost;
  readonly vcpus: () => readonly Reader[];
  /** Whether a write is one to an ioeventfd, which it then has signalled. */
  readonly signalsEventfd: (address: number, bytes: AccessSize, value: bigint) => boolean;
  readonly fillRandom: FillRandom;
  readonly wait: Wait;
  /** To be called when a timer may go off earlier than it was to. */
  readonly timersChanged: () => void;
  readonly exits: Exits;
  readonly code: () => CodePages;
  /** Instructions before the one that runs. */
  readonly retired: () => number;
}

const everySignal = signals.IRQ | signals.FIQ;
const PSTATE_I = 1 << 7, PSTATE_F = 1 << 6;
/**
 * Ticks that WFE sleeps at most, 0.1 ms: another vcpu's store to what this one watches with LDXR is an event too,
 * and nobody tells of it.
 */
const longestWait = counterFrequency / 10_000;

export function processorSurroundings(parts: Parts): CpuSurroundings {
  const { vm, vcpu, attention, gic, timers, exits } = parts;
  const randomWord = new BigUint64Array(1);
  const randomBytes = new Uint8Array(randomWord.buffer);
  const others = () => parts.vcpus().filter(({ index }) => index !== vcpu.index);
  const frames = framesOf(parts);
  const icc = gic instanceof GicModel ? gic : undefined;

  const cacheSizes = new BigUint64Array(vcpu.cacheSizes);

  function driveTimers() {
    timers.update(vcpu.timerSlot, (_, timer, isUp) => {
      gic?.setLine(vcpu.index, vm.timerInterrupts[timer === "CNTV" ? 0 : 1], isUp);
    });
  }

  /** @param longest ticks */
  function wait(deadline: bigint | undefined, isForEvent: boolean, longest = Infinity): boolean {
    driveTimers();
    if (parts.signal() & everySignal) return false;
    const left = deadline === undefined ? Infinity : Math.max(0, Number(deadline - timers.count("CNTV")));
    return parts.wait(Math.min(longest, left), isForEvent);
  }

  return {
    readTimer: (_, name) => readTimer(timers, vcpu.timerSlot, name),
    writeTimer(_, name, value) {
      const [timer, part] = timerPart(name);
      timers.write(vcpu.timerSlot, timer, part, value);
      driveTimers();
      parts.timersChanged();
    },
    hasInterruptRegisters: icc !== undefined,
    readInterruptRegister: (_, name) => BigInt(icc!.readIcc(vcpu.index, name as IccName)),
    writeInterruptRegister: (_, name, value) =>
      icc!.writeIcc(
        vcpu.index,
        name as IccName,
        Number(BigInt.asIntN(32, value)),
        Number(BigInt.asIntN(32, value >> 32n)),
      ),
    pendingInterrupts() {
      const up = parts.signal();
      return (up & signals.IRQ ? PSTATE_I : 0) | (up & signals.FIQ ? PSTATE_F : 0);
    },
    cycles: () => timers.count("CNTP"),
    instructions: () => BigInt(parts.retired()),
    performanceInterrupt(_, isUp) {
      if (gic && vcpu.performanceInterrupt !== undefined) {
        gic.setLine(vcpu.index, vcpu.performanceInterrupt, isUp);
      }
    },
    random() {
      parts.fillRandom(randomBytes);
      return randomWord[0];
    },
    cacheSize: (_, selector) => cacheSizes[selector],
    hvc: (cpu) => serveHypercall(cpu, parts),
    smc: (cpu, immediate) => immediate === 0 ? serveHypercall(cpu, parts) : refuseCall(cpu),
    waitForInterrupt: (_, deadline) => wait(deadline, false),
    waitForEvent: (cpu, deadline) => !takeEvent(cpu) && wait(deadline, true, longestWait),
    setEvent(cpu, whose) {
      setEvent(cpu.memory.buffer, vcpu.base);
      if (whose === "own") return;
      for (const { base } of others()) {
        setEvent(cpu.memory.buffer, base);
        attention.call(base);
      }
    },
    takeEvent,
    readDevice: (_, address, bytes) =>
      frames?.read(address, bytes) ?? exits.device(address, bytes, undefined),
    writeDevice(_, address, bytes, value) {
      if (frames?.write(address, bytes, value) || parts.signalsEventfd(address, bytes, value)) return;
      exits.device(address, bytes, value);
    },
    watchesPage: (cpu, page) => isWatched(cpu, parts, page),
    wrotePage: (cpu, page) => noteWrite(cpu, parts, page),
    forgetCode(cpu, page) {
      if (page === "all") return parts.code().forgetAll();
      const offset = cpu.memory.offsetOf(page);
      if (offset >= 0) parts.code().forgetCode(offset);
    },
    cannotGoOn: exits.cannotGoOn,
    broadcast(_, request: Broadcast) {
      const asked = request === "forget code" ? requests.forgetCode : requests.forgetTranslations;
      for (const { base } of others()) attention.ask(base, asked);
    },
  };
}

/** Where the interrupt controller's registers lie in memory. */
function framesOf({ gic, vm, vcpu }: Parts): GicFrames | GicV2Frames | undefined {
  if (gic instanceof GicV2Model && vm.gic?.version === "v2") return new GicV2Frames(gic, vm.gic, vcpu.index);
  return gic instanceof GicModel && vm.gic?.version === "v3" ? new GicFrames(gic, vm.gic) : undefined;
}

/** An SMC whose immediate is not 0 is nobody's (DEN 0028, "SMC and HVC immediate value"). */
function refuseCall(cpu: Cpu): undefined {
  cpu.writeX(0, BigInt.asUintN(64, BigInt(NOT_SUPPORTED)));
}

function serveHypercall(cpu: Cpu, { attention, exits, ...parts }: Parts): "leave" {
  const hypercalls = parts.hypercalls();
  const args: Arguments = [cpu.readX(1), cpu.readX(2), cpu.readX(3)];
  const { registers, then } = hypercall(hypercalls, Number(BigInt.asUintN(32, cpu.readX(0))), args);
  registers.forEach((value, n) => cpu.writeX(n, value));
  cpu.pc += 4n;
  if (then === "wait") cpu.surroundings.waitForInterrupt(cpu);
  else if (then === "off") hypercalls.power.set(hypercalls.vcpu, false);
  else if (then) exits.event(then);
  if (typeof then === "object" && then.type !== "KVM_SYSTEM_EVENT_SUSPEND") hypercalls.power.stopAll();
  // One that was turned on, or off, looks at its own attention word.
  for (const { base } of parts.vcpus()) attention.call(base);
  return "leave";
}

function readTimer(timers: Timers, slot: number, name: string): bigint {
  if (name === "CNTFRQ_EL0") return BigInt(counterFrequency);
  if (name.startsWith("CNTVCT")) return timers.count("CNTV");
  if (name.startsWith("CNTPCT")) return timers.count("CNTP");
  const [timer, part] = timerPart(name);
  return timers.read(slot, timer, part);
}

/** Of CNTV_CTL_EL0 and its like. */
function timerPart(name: string): [TimerName, TimerPart] {
  const [timer, part] = name.split("_");
  return [timer as TimerName, part as TimerPart];
}

/** The Event Register is a bit of the vcpu's own word. */
const eventAt = (base: number) => base + cpuWord.event >> 2;

function setEvent(buffer: ArrayBufferLike, base: number) {
  Atomics.store(new Int32Array(buffer), eventAt(base), 1);
}

function takeEvent(cpu: Cpu): boolean {
  return Atomics.exchange(new Int32Array(cpu.memory.buffer), eventAt(cpu.base), 0) !== 0;
}

/** CTR_EL0.DIC: stores are seen by later fetches without an IC instruction. */
const DIC = 1n << 29n;

/** Where guests need no IC instructions, stores to pages of decoded code are told of; and the first store to a page whose writes are logged. */
function isWatched(cpu: Cpu, { vm, code }: Parts, page: number): boolean {
  const region = cpu.memory.regionAt(page);
  if (!region) return false;
  const isCoherent = ((vm.profile.idRegisters.CTR_EL0 ?? 0n) & DIC) !== 0n;
  return isUnwritten(region, page) || isCoherent && code().has(region.offset + (page - region.base));
}

function noteWrite(cpu: Cpu, { code }: Parts, page: number) {
  const region = cpu.memory.regionAt(page);
  if (!region) return;
  code().forgetCode(region.offset + (page - region.base));
  logWrite(region, page);
}
