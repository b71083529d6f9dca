// "Load/store exclusive register" and "Load/store exclusive pair" (Arm DDI 0487, "Loads and Stores"; the monitor
// is "Synchronization and semaphores"). The monitor remembers what was loaded and where: a store succeeds if
// that is still there.

import type { AccessSize, Cpu } from "../cpu.ts";
import { cpuWord } from "../cpu_layout.ts";
import { type Fields, instruction, read, write } from "../definition.ts";
import type { Target } from "../target.ts";
import {
  and32,
  bind64,
  const32,
  const64,
  eq,
  eq32,
  extendU32,
  type I64,
  ne,
  sequence,
  when,
} from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { atomicCompareExchange, atomicLoad } from "./atomic_code.ts";
import { compareAndSwap, type Doubleword, readDouble } from "./atomic_access.ts";
import { checkAlignment } from "./load_store_alignment.ts";
import { base, baseOf, withCheckedBase } from "./load_store_base.ts";
import { generalName, offsetAddress } from "./load_store_names.ts";
import { ifTranslated } from "./translated_access.ts";

/** What a mnemonic ends in, and the registers' letter, by the field size. */
export const sizeSuffix = ["b", "h", "", ""];
export const sizeLetter = ["w", "w", "w", "x"] as const;
export const sizeBytes = [1, 2, 4, 8] as const;

const status = { success: 0n, failure: 1n };

function loadExclusive(cpu: Cpu, fields: Fields, bytes: AccessSize | 16): Doubleword {
  const address = baseOf(cpu, fields);
  checkAlignment(cpu, address, bytes, false, "atomic");
  const loaded = readDouble(cpu, address, bytes);
  cpu.setU64(cpuWord.exclusiveAddress, address);
  cpu.setU64(cpuWord.exclusiveLow, loaded[0]);
  cpu.setU64(cpuWord.exclusiveHigh, loaded[1]);
  cpu.setU32(cpuWord.exclusiveSize, bytes);
  return loaded;
}

/** Whether the monitor is closed on exactly what is to be stored. */
const passes = (cpu: Cpu, address: bigint, bytes: number) =>
  cpu.u32(cpuWord.exclusiveSize) === bytes && cpu.u64(cpuWord.exclusiveAddress) === address;

function storeExclusive(cpu: Cpu, fields: Fields, bytes: AccessSize | 16, desired: Doubleword) {
  const address = baseOf(cpu, fields);
  const isPassed = passes(cpu, address, bytes) && isStored(cpu, address, bytes, desired);
  cpu.setU32(cpuWord.exclusiveSize, 0);
  cpu.writeX(fields.Rs!, isPassed ? status.success : status.failure);
}

function isStored(cpu: Cpu, address: bigint, bytes: AccessSize | 16, desired: Doubleword): boolean {
  const expected = [cpu.u64(cpuWord.exclusiveLow), cpu.u64(cpuWord.exclusiveHigh)] as const;
  const [low, high] = compareAndSwap(cpu, address, bytes, expected, desired);
  return low === expected[0] && high === expected[1];
}

const setMonitor = (t: Target, size: number) => t.setState32(cpuWord.exclusiveSize, const32(size));

function emitLoad(t: Target, form: Fields): Statement {
  const bytes = sizeBytes[form.size!]!;
  const load = (address: I64) => (place: I64): Statement =>
    bind64(atomicLoad(bytes, place), (value) =>
      sequence(
        t.setState64(cpuWord.exclusiveAddress, address),
        t.setState64(cpuWord.exclusiveLow, value),
        setMonitor(t, bytes),
        t.setX("Rt", value),
      ));
  const access = bind64(
    t.x("Rn"),
    (address) => ifTranslated(t, { bytes, isWrite: false }, address, load(address)),
  );
  return withCheckedBase(t, form, access);
}

function emitStore(t: Target, form: Fields): Statement {
  const bytes = sizeBytes[form.size!]!;
  const expected = t.state64(cpuWord.exclusiveLow);
  const store = (place: I64): Statement =>
    bind64(
      extendU32(ne(atomicCompareExchange(bytes, place, expected, t.x("Rt")), expected)),
      (status) => sequence(setMonitor(t, 0), t.setX("Rs", status)),
    );
  const access = bind64(t.x("Rn"), (address) =>
    when(
      and32(
        eq32(t.state32(cpuWord.exclusiveSize), const32(bytes)),
        eq(t.state64(cpuWord.exclusiveAddress), address),
      ),
      ifTranslated(t, { bytes, isWrite: true }, address, store),
      sequence(setMonitor(t, 0), t.setX("Rs", const64(status.failure))),
    ));
  return withCheckedBase(t, form, access);
}

const valueOf = (cpu: Cpu, n: number, bytes: number) => BigInt.asUintN(8 * bytes, cpu.readX(n));

const word = 32n;
const lowWord = (value: bigint) => BigInt.asUintN(32, value);

export const loadStoreExclusive = [
  instruction("LDXR, LDAXR", "size:2 001000 0 1 0 Rs:5 o0:1 Rt2:5 Rn:5 Rt:5", {
    operands: { Rt: write("Rt"), ...base },
    forms: ["size", "isSp"],
    emit: emitLoad,
    assembly: (f) =>
      `${f.o0 ? "ldaxr" : "ldxr"}${sizeSuffix[f.size!]} ${generalName(sizeLetter[f.size!]!, f.Rt!)}, ` +
      offsetAddress(f, 0),
    run(cpu, f) {
      const [value] = loadExclusive(cpu, f, sizeBytes[f.size!]!);
      cpu.writeX(f.Rt!, value);
    },
  }),
  instruction("STXR, STLXR", "size:2 001000 0 0 0 Rs:5 o0:1 Rt2:5 Rn:5 Rt:5", {
    operands: { Rs: write("Rs"), Rt: read("Rt"), ...base },
    forms: ["size", "isSp"],
    emit: emitStore,
    assembly: (f) =>
      `${f.o0 ? "stlxr" : "stxr"}${sizeSuffix[f.size!]} ${generalName("w", f.Rs!)}, ` +
      `${generalName(sizeLetter[f.size!]!, f.Rt!)}, ${offsetAddress(f, 0)}`,
    run(cpu, f) {
      const bytes = sizeBytes[f.size!]!;
      storeExclusive(cpu, f, bytes, [valueOf(cpu, f.Rt!, bytes), 0n]);
    },
  }),
  instruction("LDXP, LDAXP", "1 sz:1 001000 0 1 1 Rs:5 o0:1 Rt2:5 Rn:5 Rt:5", {
    assembly: (f) => `${f.o0 ? "ldaxp" : "ldxp"} ${pairNames(f)}, ${offsetAddress(f, 0)}`,
    run(cpu, f) {
      const [low, high] = loadExclusive(cpu, f, f.sz ? 16 : 8);
      cpu.writeX(f.Rt!, f.sz ? low : lowWord(low));
      cpu.writeX(f.Rt2!, f.sz ? high : low >> word);
    },
  }),
  instruction("STXP, STLXP", "1 sz:1 001000 0 0 1 Rs:5 o0:1 Rt2:5 Rn:5 Rt:5", {
    assembly: (f) =>
      `${f.o0 ? "stlxp" : "stxp"} ${generalName("w", f.Rs!)}, ${pairNames(f)}, ${offsetAddress(f, 0)}`,
    run(cpu, f) {
      const low = cpu.readX(f.Rt!), high = cpu.readX(f.Rt2!);
      if (f.sz) storeExclusive(cpu, f, 16, [low, high]);
      else storeExclusive(cpu, f, 8, [lowWord(low) | lowWord(high) << word, 0n]);
    },
  }),
];

function pairNames({ sz, Rt, Rt2 }: Fields): string {
  const letter = sz ? "x" : "w";
  return `${generalName(letter, Rt!)}, ${generalName(letter, Rt2!)}`;
}
