// What SVE's predicated loads and stores share: the element that a lane gets from memory or gives to it (Arm
// DDI 0487, "SVE memory accesses"). Lanes that are not active access nothing.

import type { AccessSize, Cpu } from "../cpu.ts";
import type { Fields } from "../definition.ts";
import { baseOf } from "./load_store_base.ts";
import { eachLane, isActive, laneOf } from "./sve_registers.ts";

/** An element in memory of 2^msz bytes, in a lane of `size`. */
export interface MemoryElement {
  readonly msz: number;
  readonly size: number;
  readonly isSigned: boolean;
}

/** By the encodings' `dtype`. */
export const loadedElements: readonly MemoryElement[] = [
  [0, 0],
  [0, 1],
  [0, 2],
  [0, 3],
  [2, 3, true],
  [1, 1],
  [1, 2],
  [1, 3],
  [1, 3, true],
  [1, 2, true],
  [2, 2],
  [2, 3],
  [0, 3, true],
  [0, 2, true],
  [0, 1, true],
  [3, 3],
].map(([msz, size, isSigned = false]) => ({ msz, size, isSigned }) as MemoryElement);

/** The end of a mnemonic: "sb", "w". */
export const elementName = ({ msz, isSigned }: MemoryElement) => `${isSigned ? "s" : ""}${"bhwd"[msz]}`;

export function readElement(cpu: Cpu, address: bigint, { msz, isSigned }: MemoryElement): bigint {
  const bytes = 1 << msz as AccessSize, value = cpu.read(address, bytes);
  return isSigned ? BigInt.asIntN(8 * bytes, value) : value;
}

export const writeElement = (cpu: Cpu, address: bigint, { msz }: MemoryElement, value: bigint) =>
  cpu.write(address, 1 << msz as AccessSize, BigInt.asUintN(8 << msz, value));

/** What the active lanes get from their addresses, zeroes for the others. */
export const loadLanes = (
  cpu: Cpu,
  Pg: number,
  element: MemoryElement,
  addressOf: (lane: number) => bigint,
): bigint[] =>
  eachLane(
    cpu,
    element.size,
    (lane) => isActive(cpu, Pg, element.size, lane) ? readElement(cpu, addressOf(lane), element) : 0n,
  );

/** The active lanes of Zt to their addresses, up to the first that faults. */
export function storeLanes(
  cpu: Cpu,
  Pg: number,
  Zt: number,
  element: MemoryElement,
  addressOf: (lane: number) => bigint,
) {
  eachLane(cpu, element.size, (lane) => {
    const value = laneOf(cpu, Zt, element.size, lane);
    if (isActive(cpu, Pg, element.size, lane)) writeElement(cpu, addressOf(lane), element, value);
    return value;
  });
}

/** The base register's value. SP is not looked at, and its alignment not checked, where no lane is active. */
export function predicatedBase(cpu: Cpu, f: Fields, size: number): bigint {
  const isAny = eachLane(cpu, size, (lane) => isActive(cpu, f.Pg!, size, lane) ? 1n : 0n).includes(1n);
  return isAny || f.Rn !== 31 ? baseOf(cpu, f) : cpu.sp;
}
