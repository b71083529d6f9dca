// What an access to a system register by MRS and MSR does: rows of the tables beside this file (Arm DDI 0487,
// "AArch64 System register descriptions").

import type { Encoding } from "../../kvm/system_registers.ts";
import type { Cpu } from "./cpu.ts";
import { systemRegisterAt } from "./cpu_layout.ts";
import type { After } from "./definition.ts";
import { GuestException } from "./guest_exception.ts";

/** What an access at EL0 comes to. */
export type AtEl0 = "allowed" | "trapped" | "undefined";

export interface SystemRegisterRow {
  readonly name: string;
  readonly encoding: Encoding;
  /** Not there at all unless this says so. */
  isThere?(cpu: Cpu): boolean;
  /** Without it every access at EL0 is undefined. */
  atEl0?(cpu: Cpu, isWrite: boolean): AtEl0;
  /** An exception class other than that of MSR and MRS, with which the access traps at the current level. */
  trap?(cpu: Cpu): GuestException | undefined;
  /** Undefined without it. */
  read?(cpu: Cpu): bigint;
  write?(cpu: Cpu, value: bigint): After;
}

type Rest = Omit<SystemRegisterRow, "name" | "encoding">;
type NamedEncoding = readonly [name: string, ...encoding: Encoding];

export const row = ([name, ...encoding]: NamedEncoding, rest: Rest): SystemRegisterRow => ({
  name,
  encoding,
  ...rest,
});

/** Plain storage: what is read is what was written, as far as the register has the bits. */
export function storage(
  [name, ...encoding]: NamedEncoding,
  bits = -1n,
  then?: (cpu: Cpu) => void,
): SystemRegisterRow {
  const at = placeOf(name);
  return {
    name,
    encoding,
    read: (cpu) => cpu.u64(at),
    write: (cpu, value) => {
      cpu.setU64(at, value & bits);
      then?.(cpu);
    },
  };
}

export function placeOf(name: string): number {
  const at = systemRegisterAt.get(name);
  if (at === undefined) throw new RangeError(`the vcpu keeps no register ${name}`);
  return at;
}

export const readOnly = (named: NamedEncoding, read: (cpu: Cpu) => bigint, rest: Rest = {}) =>
  row(named, { read, ...rest });
export const writeOnly = (named: NamedEncoding, write: (cpu: Cpu, value: bigint) => After, rest: Rest = {}) =>
  row(named, { write, ...rest });
/** Reads as zero, ignores writes. */
export const zero = (named: NamedEncoding, rest: Rest = {}) =>
  row(named, { read: () => 0n, write: () => {}, ...rest });

type CheckAtEl0 = NonNullable<Rest["atEl0"]>;
export const always: CheckAtEl0 = () => "allowed";
export const onlyReads: CheckAtEl0 = (_, isWrite) => isWrite ? "undefined" : "allowed";

/** At EL0 only with this bit of a control register, else the access traps to EL1. */
export const withBit = (register: string, bit: number): CheckAtEl0 => {
  const at = placeOf(register);
  return (cpu) => (Number(cpu.u64(at) & 0xffff_ffffn) >>> bit & 1) === 1 ? "allowed" : "trapped";
};

const exceptionClass = { unknown: 0x00, systemRegister: 0x18 } as const;

export const undefinedInstruction = () => new GuestException(exceptionClass.unknown, 0);

/** A trapped MSR, MRS or system instruction. */
export function trappedAccess(encoding: Encoding, Rt: number, isRead: boolean): GuestException {
  const [op0, op1, crn, crm, op2] = encoding;
  const iss = op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | Rt << 5 | crm << 1 | (isRead ? 1 : 0);
  return new GuestException(exceptionClass.systemRegister, iss);
}
