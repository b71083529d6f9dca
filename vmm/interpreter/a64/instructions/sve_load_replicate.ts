// Loads of something to every part of a vector (Arm DDI 0487, "SVE encodings", "SVE load and broadcast
// element" and "SVE load and broadcast quadword": LD1R, LD1RQ of 16 bytes and LD1RO of 32, which is of
// FEAT_F64MM).

import type { Cpu } from "../cpu.ts";
import type { Definition, Fields } from "../definition.ts";
import { GuestException } from "../guest_exception.ts";
import { offsetAddress } from "./load_store_names.ts";
import { sve, sveFloat64Matrix, z, zeroing } from "./sve_assembly.ts";
import { registerAddress, vectorImmediate } from "./sve_load_store_contiguous.ts";
import {
  elementName,
  loadedElements,
  type MemoryElement,
  predicatedBase,
  readElement,
} from "./sve_memory_elements.ts";
import { eachLane, isActive, predicateOf, setLanes, vectorLength } from "./sve_registers.ts";

/** The one element to all active lanes; not loaded where none is. */
const element = (loaded: MemoryElement, dtype: number): Definition => {
  const name = `ld1r${elementName(loaded)}`, { msz, size } = loaded;
  const bits = dtype.toString(2).padStart(4, "0");
  return sve(
    `${name.toUpperCase()} (${"BHSD"[size]})`,
    `1000010 ${bits.slice(0, 2)} 1 imm6:6 1${bits.slice(2)} Pg:3 Rn:5 Zt:5`,
    {
      assembly: (f) => `${name} {${z(f.Zt!, size)}}, ${zeroing(f)}, ${offsetAddress(f, f.imm6! << msz)}`,
      run(cpu, f) {
        const mask = predicateOf(cpu, f.Pg!, size);
        const address = predicatedBase(cpu, f, size) + BigInt(f.imm6! << msz);
        const value = mask.includes(true) ? readElement(cpu, address, loaded) : 0n;
        setLanes(cpu, f.Zt!, size, mask.map((flag) => flag ? value : 0n));
      },
    },
  );
};

/** ESR_EL1.EC of an undefined instruction: this vector is too short for it. */
const unknown = 0x00;

interface Block {
  readonly letter: "q" | "o";
  readonly bytes: number;
  /** Of the encoding. */
  readonly ssz: string;
}

/** The block's lanes by the predicate's first, as often as it fits; the rest is zero. */
function loadBlock(cpu: Cpu, f: Fields, { bytes }: Block, size: number, offset: bigint) {
  if (bytes > vectorLength(cpu)) throw new GuestException(unknown, 0);
  const count = bytes >> size, loaded = { msz: size, size, isSigned: false };
  const actives = Array.from({ length: count }, (_, lane) => isActive(cpu, f.Pg!, size, lane));
  const isAny = actives.includes(true);
  const first = (isAny ? predicatedBase(cpu, f, size) : 0n) + offset;
  const block = actives.map((flag, lane) =>
    flag ? readElement(cpu, first + BigInt(lane << size), loaded) : 0n
  );
  const whole = Math.floor(vectorLength(cpu) / bytes) * count;
  setLanes(cpu, f.Zt!, size, eachLane(cpu, size, (lane) => lane < whole ? block[lane % count]! : 0n));
}

function blocks(block: Block, size: number): Definition[] {
  const name = `ld1r${block.letter}${"bhwd"[size]}`, msz = size.toString(2).padStart(2, "0");
  const more = block.letter === "o" ? { needs: sveFloat64Matrix } : {};
  const start = (f: Fields) => `${name} {${z(f.Zt!, size)}}, ${zeroing(f)}`;
  const immediate = (f: Fields) => vectorImmediate(f) * block.bytes;
  return [
    sve(`${name.toUpperCase()} (scalar plus scalar)`, `1010010 ${msz} ${block.ssz} Rm:5 000 Pg:3 Rn:5 Zt:5`, {
      ...more,
      valid: ({ Rm }) => Rm !== 31,
      assembly: (f) => `${start(f)}, ${registerAddress(f, size)}`,
      run: (cpu, f) => loadBlock(cpu, f, block, size, cpu.readX(f.Rm!) << BigInt(size)),
    }),
    sve(
      `${name.toUpperCase()} (scalar plus immediate)`,
      `1010010 ${msz} ${block.ssz} 0 imm4:4 001 Pg:3 Rn:5 Zt:5`,
      {
        ...more,
        assembly: (f) => `${start(f)}, ${offsetAddress(f, immediate(f))}`,
        run: (cpu, f) => loadBlock(cpu, f, block, size, BigInt(immediate(f))),
      },
    ),
  ];
}

const kinds: readonly Block[] = [
  { letter: "q", bytes: 16, ssz: "00" },
  { letter: "o", bytes: 32, ssz: "01" },
];

export const sveLoadReplicate: readonly Definition[] = [
  ...loadedElements.map(element),
  ...kinds.flatMap((block) => [0, 1, 2, 3].flatMap((size) => blocks(block, size))),
];
