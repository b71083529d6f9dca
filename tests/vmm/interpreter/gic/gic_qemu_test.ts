// Random legal sequences of a driver's register accesses, by QEMU's GICv3 and by ours: every value that is
// read must be the same. QEMU runs them as straight code at EL1 that writes what it reads to the console.

import { assert, assertEquals } from "@std/assert";
import type { IccName } from "../../../../vmm/interpreter/gic/gic_model.ts";
import type { Encoding } from "../../../../vmm/kvm/system_registers.ts";
import { ISB, load, readSystem, set, store, writeSystem } from "../../../conformance/guest_code.ts";
import { qemuTest } from "../../../devices/qtest.ts";
import { GicDriver } from "./gic_driver.ts";
import { generator, runInQemu, tellCode, UART } from "./qemu_driver.ts";

const GICD = 0x0800_0000n, GICR = 0x080a_0000n;
/** SPIs of the machine's that no device drives; bank 6 has INTIDs 192 to 223. */
const firstSpi = 192, spiBank = 6;
const operations = 1500, seeds = [1, 2, 3];

const encodings: Partial<Record<IccName, Encoding>> = {
  ICC_PMR_EL1: [3, 0, 4, 6, 0],
  ICC_IAR1_EL1: [3, 0, 12, 12, 0],
  ICC_EOIR1_EL1: [3, 0, 12, 12, 1],
  ICC_HPPIR1_EL1: [3, 0, 12, 12, 2],
  ICC_BPR1_EL1: [3, 0, 12, 12, 3],
  ICC_CTLR_EL1: [3, 0, 12, 12, 4],
  ICC_SRE_EL1: [3, 0, 12, 12, 5],
  ICC_IGRPEN1_EL1: [3, 0, 12, 12, 7],
  ICC_BPR0_EL1: [3, 0, 12, 8, 3],
  ICC_DIR_EL1: [3, 0, 12, 11, 1],
  ICC_RPR_EL1: [3, 0, 12, 11, 3],
  ICC_SGI1R_EL1: [3, 0, 12, 11, 5],
};

/** Does the same to our controller and to the code for QEMU's, and keeps what ours answers. */
class Both {
  readonly gic = new GicDriver(1, 256);
  readonly code: number[] = set(28, UART);
  readonly told: number[] = [];

  constructor() {
    this.gic.model.reset();
  }

  writeIcc(name: IccName, value: number) {
    this.gic.icc(name, value);
    this.code.push(...set(1, BigInt(value)), writeSystem(1, encodings[name]!), ISB);
  }

  readIcc(name: IccName): number {
    this.code.push(readSystem(1, encodings[name]!), ISB, ...tellCode);
    return this.#tell(this.gic.readIcc(name));
  }

  #tell(value: number): number {
    this.told.push(value);
    return value;
  }

  write(isPrivate: boolean, offset: number, width: 1 | 4, value: number) {
    const { model } = this.gic;
    if (isPrivate) model.redistributorWrite(0, offset, width, value);
    else model.distributorWrite(offset, width, value);
    const address = (isPrivate ? GICR : GICD) + BigInt(offset);
    this.code.push(...set(2, address), ...set(1, BigInt(value >>> 0)), store(width, 1, 2));
  }

  read(isPrivate: boolean, offset: number) {
    const { model } = this.gic;
    this.#tell(isPrivate ? model.redistributorRead(0, offset, 4) : model.distributorRead(offset, 4));
    this.code.push(...set(2, (isPrivate ? GICR : GICD) + BigInt(offset)), load(4, 1, 2), ...tellCode);
  }
}

/** A register of bits, of SGIs and PPIs or of the SPIs used. */
const bitsAt = (isPrivate: boolean, register: number) =>
  isPrivate ? 0x1_0000 + register : register + 4 * spiBank;

function start(): Both {
  const both = new Both();
  both.write(false, 0, 4, 0x12);
  both.write(true, 0x14, 4, 0);
  both.writeIcc("ICC_SRE_EL1", 7);
  both.write(true, bitsAt(true, 0x80), 4, 0xffff_ffff);
  both.write(false, bitsAt(false, 0x80), 4, 0xffff_ffff);
  // KVM has SGIs enabled from the start, QEMU has not; and IDs of QEMU's devices are left alone.
  both.write(true, bitsAt(true, 0x100), 4, 0xffff);
  both.write(false, bitsAt(false, 0x100), 4, 0xffff);
  for (let n = 0; n < 32; n++) both.write(false, 0x6000 + 8 * (firstSpi + n), 4, 0);
  both.writeIcc("ICC_PMR_EL1", 0xf8);
  both.writeIcc("ICC_BPR1_EL1", 3);
  both.writeIcc("ICC_IGRPEN1_EL1", 1);
  return both;
}

/** What is active, the last acknowledged first: only that may be ended. */
type Taken = { readonly active: number[]; readonly dropped: number[]; isSplit: boolean };

function acknowledgeOrEnd(both: Both, taken: Taken, random: (below: number) => number) {
  if (random(2)) {
    const intid = both.readIcc("ICC_IAR1_EL1");
    if (intid < 1020) taken.active.unshift(intid);
  } else if (taken.active.length) {
    const intid = taken.active.shift()!;
    both.writeIcc("ICC_EOIR1_EL1", intid);
    if (taken.isSplit) taken.dropped.push(intid);
  } else if (taken.dropped.length) {
    both.writeIcc("ICC_DIR_EL1", taken.dropped.splice(random(taken.dropped.length), 1)[0]!);
  } else {
    taken.isSplit = !taken.isSplit;
    both.writeIcc("ICC_CTLR_EL1", taken.isSplit ? 2 : 0);
  }
}

function step(both: Both, taken: Taken, random: (below: number) => number) {
  const isPrivate = random(3) === 0;
  const one = 1 << random(16);
  switch (random(10)) {
    case 0:
      return both.write(isPrivate, bitsAt(isPrivate, 0x200), 4, one);
    case 1:
      return both.writeIcc("ICC_SGI1R_EL1", random(16) << 24 | 1);
    case 2:
      return both.write(isPrivate, bitsAt(isPrivate, random(3) ? 0x100 : 0x180), 4, one);
    case 3: {
      const intid = isPrivate ? 0x1_0000 + random(16) : firstSpi + random(16);
      return both.write(isPrivate, 0x400 + intid, 1, 8 * random(31));
    }
    case 4:
      return random(4)
        ? both.write(isPrivate, bitsAt(isPrivate, 0x280), 4, one)
        : both.writeIcc("ICC_PMR_EL1", 8 * (16 + random(16)));
    case 5:
      for (const register of [0x100, 0x200, 0x300]) both.read(isPrivate, bitsAt(isPrivate, register));
      return;
    case 6:
      both.readIcc("ICC_HPPIR1_EL1");
      return void both.readIcc("ICC_RPR_EL1");
    case 7:
      if (!taken.active.length) both.writeIcc("ICC_BPR1_EL1", random(8));
      return void both.readIcc("ICC_BPR1_EL1");
    default:
      return acknowledgeOrEnd(both, taken, random);
  }
}

for (const seed of seeds) {
  qemuTest(
    `a driver reads of this GICv3 what it reads of QEMU's, in random accesses (seed ${seed})`,
    async () => {
      const random = generator(seed);
      const both = start();
      const taken: Taken = { active: [], dropped: [], isSplit: false };
      for (let n = 0; n < operations; n++) step(both, taken, random);
      const theirs = await runInQemu(both.code, 3);
      assert(both.told.length > operations / 2);
      const first = theirs.findIndex((value, n) => value !== both.told[n]);
      assertEquals(first < 0 ? [] : [first, theirs[first]], first < 0 ? [] : [first, both.told[first]]);
      assertEquals(theirs.length, both.told.length);
    },
  );
}
