// Random legal sequences of a driver's register accesses, by QEMU's GICv3 and by ours: every value that is
// read must be the same. QEMU runs them as straight code at EL1 that writes what it reads to the console.

import { assert, assertEquals } from "@std/assert";
import type { IccName } from "../../../../vmm/interpreter/gic/gic_model.ts";
import type { Encoding } from "../../../../vmm/kvm/system_registers.ts";
import { HVC, ISB, load, readSystem, set, store, writeSystem } from "../../../conformance/guest_code.ts";
import { qemuTest } from "../../../devices/qtest.ts";
import { GicDriver } from "./gic_driver.ts";

const GICD = 0x0800_0000n, GICR = 0x080a_0000n, UART = 0x0900_0000n, entry = 0x4020_0000;
const SYSTEM_OFF = 0x8400_0008n;
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

/** mulberry32. */
function generator(seed: number): (below: number) => number {
  return (below) => {
    seed = seed + 0x6d2b_79f5 | 0;
    let mixed = Math.imul(seed ^ seed >>> 15, 1 | seed);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) % below;
  };
}

const shiftRight8 = (rd: number) => (0xd348_fc00 | rd << 5 | rd) >>> 0;
/** Writes X1's four lower bytes to the console. */
const tell = [0, 1, 2, 3].flatMap(() => [store(1, 1, 28), shiftRight8(1)]);

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
    this.code.push(readSystem(1, encodings[name]!), ISB, ...tell);
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
    this.code.push(...set(2, (isPrivate ? GICR : GICD) + BigInt(offset)), load(4, 1, 2), ...tell);
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

async function runInQemu(code: readonly number[]): Promise<number[]> {
  const folder = await Deno.makeTempDir();
  try {
    const image = `${folder}/code.bin`;
    await Deno.writeFile(image, new Uint8Array(new Uint32Array(code).buffer));
    const { stdout } = await new Deno.Command("qemu-system-aarch64", {
      args: [
        "-M",
        "virt,gic-version=3",
        "-cpu",
        "max",
        "-display",
        "none",
        "-nic",
        "none",
        "-monitor",
        "none",
      ]
        .concat("-serial", "stdio", "-device", `loader,file=${image},addr=${entry},cpu-num=0,force-raw=on`),
      stdin: "null",
    }).output();
    return [...new Uint32Array(stdout.buffer.slice(0, stdout.length & ~3))];
  } finally {
    await Deno.remove(folder, { recursive: true });
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
      const theirs = await runInQemu([...both.code, ...set(0, SYSTEM_OFF), HVC]);
      assert(both.told.length > operations / 2);
      const first = theirs.findIndex((value, n) => value !== both.told[n]);
      assertEquals(first < 0 ? [] : [first, theirs[first]], first < 0 ? [] : [first, both.told[first]]);
      assertEquals(theirs.length, both.told.length);
    },
  );
}
