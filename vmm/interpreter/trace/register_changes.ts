// Which registers an instruction changed, and to what: a copy of the vcpu's state from before it is compared with
// the state after it.

import type { Cpu } from "../a64/cpu.ts";
import {
  cpuWord,
  predicateAt,
  registerAt,
  slot,
  systemRegisterAt,
  vectorAt,
  vectorBytes,
} from "../a64/cpu_layout.ts";
import type { Definition } from "../a64/definition.ts";

/** A register: where it lies, and how many bytes of it count. */
interface Place {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
}

const general: readonly Place[] = [
  ...Array.from({ length: 31 }, (_, n) => ({ name: `X${n}`, at: registerAt(n), bytes: 8 })),
  { name: "SP", at: registerAt(slot.sp), bytes: 8 },
  { name: "NZCV", at: cpuWord.nzcv, bytes: 4 },
];
const status: readonly Place[] = [
  { name: "PSTATE", at: cpuWord.pstate, bytes: 4 },
  { name: "FPCR", at: cpuWord.fpcr, bytes: 4 },
  { name: "FPSR", at: cpuWord.fpsr, bytes: 4 },
];
const system: readonly Place[] = [...systemRegisterAt].map(([name, at]) => ({ name, at, bytes: 8 }));
const quadwords: readonly Place[] = Array.from(
  { length: 32 },
  (_, n) => ({ name: `V${n}`, at: vectorAt(n), bytes: 16 }),
);

/** At a vector length of so many bytes. */
function vectors(bytes: number): readonly Place[] {
  const predicate = (n: number) => ({
    name: n === 16 ? "FFR" : `P${n}`,
    at: predicateAt(n),
    bytes: Math.max(bytes / 8, 1),
  });
  return [
    ...quadwords.map(({ at }, n) => ({ name: `Z${n}`, at, bytes })),
    ...Array.from({ length: 17 }, (_, n) => predicate(n)),
  ];
}

export class RegisterChanges {
  readonly #now: Uint8Array;
  readonly #before: Uint8Array;
  readonly #byLength = new Map<number, readonly Place[]>();

  constructor(readonly cpu: Cpu) {
    const end = vectorAt(0) + 32 * vectorBytes + predicateAt(17) - predicateAt(0);
    this.#now = cpu.memory.bytes.subarray(cpu.base, cpu.base + end);
    this.#before = new Uint8Array(end);
  }

  /** Before an instruction of this definition. */
  remember(definition: Definition | undefined) {
    const end = definition?.uses ? this.#now.length : vectorAt(0);
    this.#before.set(this.#now.subarray(0, end));
  }

  /** After it: names, and values as hexadecimal numbers. */
  since(definition: Definition | undefined): Record<string, string> {
    const changes: Record<string, string> = {};
    for (const { name, at, bytes } of this.#placesOf(definition)) {
      if (this.#isChanged(at, bytes)) changes[name] = this.#value(at, bytes);
    }
    return changes;
  }

  #placesOf(definition: Definition | undefined): readonly Place[] {
    if (!definition) return general;
    const { cpu } = this;
    // What is not generated code, and the moves to system registers that are, may change any of those.
    const rest = !definition.emit || definition.name.startsWith("MSR") ? system : [];
    if (!definition.uses) return rest.length ? [...general, ...status, ...rest] : general;
    const isLong = definition.uses === "sve" || cpu.u32(cpuWord.upperInUse) !== 0;
    return [...general, ...status, ...isLong ? this.#vectorsNow() : quadwords];
  }

  #vectorsNow(): readonly Place[] {
    const bytes = this.cpu.u32(cpuWord.vectorLength);
    const known = this.#byLength.get(bytes) ?? vectors(bytes);
    this.#byLength.set(bytes, known);
    return known;
  }

  #isChanged(at: number, bytes: number): boolean {
    for (let n = at; n < at + bytes; n++) if (this.#now[n] !== this.#before[n]) return true;
    return false;
  }

  /** Little-endian, without leading zeros. */
  #value(at: number, bytes: number): string {
    const digits = Array.from(this.#now.slice(at, at + bytes), (byte) => byte.toString(16).padStart(2, "0"));
    return "0x" + (digits.reverse().join("").replace(/^0+/, "") || "0");
  }
}
