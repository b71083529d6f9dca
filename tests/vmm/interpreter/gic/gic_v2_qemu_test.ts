// Random legal sequences of a driver's register accesses, by QEMU's GICv2 and by ours: every value that is read
// must be the same. QEMU's has no security extensions, so that its CPU interface is what a guest's virtual one is.

import { assert, assertEquals } from "@std/assert";
import { gicStateBytes } from "../../../../vmm/interpreter/gic/gic_state.ts";
import { GicV2Model } from "../../../../vmm/interpreter/gic/v2_model.ts";
import { load, set, store } from "../../../conformance/guest_code.ts";
import { qemuTest } from "../../../devices/qtest.ts";
import { generator, runInQemu, tellCode, UART } from "./qemu_driver.ts";

const GICD = 0x0800_0000n, GICC = 0x0801_0000n;
const CTLR = 0, PMR = 4, BPR = 8, IAR = 0xc, EOIR = 0x10, RPR = 0x14, HPPIR = 0x18, ABPR = 0x1c, DIR = 0x1000;
const IGROUPR = 0x80, ISENABLER = 0x100, ICENABLER = 0x180, ISPENDR = 0x200, ICPENDR = 0x280;
const ISACTIVER = 0x300, IPRIORITYR = 0x400, ITARGETSR = 0x800, SGIR = 0xf00, CPENDSGIR = 0xf10;
const EnableGrp0 = 1, EnableGrp1 = 2, AckCtl = 4, CBPR = 16, EOImode = 1 << 9;
const groups = EnableGrp0 | EnableGrp1 | AckCtl;
/** SPIs of the machine's that no device drives; bank 6 has INTIDs 192 to 223. */
const firstSpi = 192, spiBank = 4 * 6;
/** The second stays off: of a single one QEMU tells no targets. */
const cpus = 2;
const operations = 1500, seeds = [1, 2, 3];
const lowestMask = 0xf8;

type Random = (below: number) => number;

/** Does the same to our controller and to the code for QEMU's, and keeps what ours answers. */
class Both {
  readonly gic = new GicV2Model(new Int32Array(gicStateBytes(cpus, 256) / 4), cpus, 256, () => {});
  readonly code: number[] = set(28, UART);
  readonly told: number[] = [];
  mask = lowestMask;
  control = groups;
  /** What is active, the last acknowledged first: only that may be ended. */
  readonly active: number[] = [];
  readonly dropped: number[] = [];

  constructor() {
    this.gic.reset();
  }

  #store(address: bigint, width: 1 | 4, value: number) {
    this.code.push(...set(2, address), ...set(1, BigInt(value >>> 0)), store(width, 1, 2));
  }

  #load(address: bigint, value: number): number {
    this.code.push(...set(2, address), load(4, 1, 2), ...tellCode);
    this.told.push(value);
    return value;
  }

  write(offset: number, value: number, width: 1 | 4 = 4) {
    this.gic.distributorWrite(0, offset, width, value);
    this.#store(GICD + BigInt(offset), width, value);
  }

  read(offset: number): number {
    return this.#load(GICD + BigInt(offset), this.gic.distributorRead(0, offset, 4));
  }

  writeCpu(offset: number, value: number) {
    this.gic.interfaceWrite(0, offset, 4, value);
    this.#store(GICC + BigInt(offset), 4, value);
  }

  readCpu(offset: number): number {
    return this.#load(GICC + BigInt(offset), this.gic.interfaceRead(0, offset, 4));
  }
}

function start(): Both {
  const both = new Both();
  both.write(CTLR, 3);
  // KVM has SGIs enabled from the start, QEMU has not.
  both.write(ISENABLER, 0xffff);
  both.write(ISENABLER + spiBank, 0xffff);
  // Group 1 for every third interrupt.
  both.write(IGROUPR, 0x9249);
  both.write(IGROUPR + spiBank, 0x9249);
  for (let n = 0; n < 16; n++) both.write(ITARGETSR + firstSpi + n, 1, 1);
  both.writeCpu(PMR, lowestMask);
  both.writeCpu(BPR, 2);
  both.writeCpu(ABPR, 3);
  both.writeCpu(CTLR, groups);
  return both;
}

function acknowledgeOrEnd(both: Both, random: Random) {
  if (random(2)) {
    const intid = both.readCpu(IAR);
    if (intid < 1020) both.active.unshift(intid);
  } else if (both.active.length) {
    const intid = both.active.shift()!;
    both.writeCpu(EOIR, intid);
    if (both.control & EOImode) both.dropped.push(intid);
  } else if (both.dropped.length) {
    both.writeCpu(DIR, both.dropped.splice(random(both.dropped.length), 1)[0]!);
  } else {
    both.control = groups | (random(2) ? EOImode : 0) | (random(2) ? CBPR : 0);
    both.writeCpu(CTLR, both.control);
    both.readCpu(CTLR);
  }
}

function readState(both: Both) {
  for (const register of [ISENABLER, ISPENDR, ISACTIVER]) {
    both.read(register);
    both.read(register + spiBank);
  }
  for (let n = 0; n < 16; n += 4) {
    both.read(CPENDSGIR + n);
    both.read(ITARGETSR + n);
    both.read(ITARGETSR + firstSpi + n);
  }
}

function step(both: Both, random: Random) {
  const bank = random(3) ? spiBank : 0;
  const one = 1 << random(16);
  switch (random(10)) {
    case 0:
      // Of SGIs this is ignored: they are sent.
      return both.write(ISPENDR + bank, one);
    case 1:
      return both.write(SGIR, random(3) << 24 | 1 << 16 | random(16));
    case 2:
      // QEMU's SGIs cannot be disabled, KVM's can.
      return both.write((bank && !random(3) ? ICENABLER : ISENABLER) + bank, one);
    case 3:
      return both.write(IPRIORITYR + (bank ? firstSpi : 0) + random(16), 8 * random(31), 1);
    case 4:
      if (random(4)) return both.write(random(2) ? ICPENDR + bank : CPENDSGIR + 4 * random(4), one);
      both.mask = 8 * (16 + random(16));
      return both.writeCpu(PMR, both.mask);
    case 5:
      return readState(both);
    case 6:
      // QEMU leaves out what the mask keeps back here, which the manual's pseudocode does not.
      if (both.mask === lowestMask) both.readCpu(HPPIR);
      return void both.readCpu(RPR);
    case 7:
      if (!both.active.length) {
        // The same bits for both groups: QEMU holds a whole priority against the running one, which differs
        // from the manual's comparison of group priorities only where the groups' bits differ.
        const point = 2 + random(5);
        both.writeCpu(BPR, point);
        both.writeCpu(ABPR, point + 1);
      }
      return void [both.readCpu(BPR), both.readCpu(ABPR)];
    default:
      return acknowledgeOrEnd(both, random);
  }
}

for (const seed of seeds) {
  qemuTest(
    `a driver reads of this GICv2 what it reads of QEMU's, in random accesses (seed ${seed})`,
    async () => {
      const random = generator(seed);
      const both = start();
      for (let n = 0; n < operations; n++) step(both, random);
      const theirs = await runInQemu(both.code, 2, cpus);
      assert(both.told.length > operations / 2);
      const first = theirs.findIndex((value, n) => value !== both.told[n]);
      assertEquals(first < 0 ? [] : [first, theirs[first]], first < 0 ? [] : [first, both.told[first]]);
      assertEquals(theirs.length, both.told.length);
    },
  );
}
