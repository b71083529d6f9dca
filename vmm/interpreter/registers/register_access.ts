// KVM_GET_ONE_REG, KVM_SET_ONE_REG and KVM_GET_REG_LIST: from an id to the family that has the register, and
// between values and bytes (KVM document, "4.68 KVM_SET_ONE_REG" and "4.84 KVM_GET_REG_LIST").

import { errno } from "../../kvm/errno.ts";
import { type RegisterId, registerIdOf, registerSize } from "../../kvm/register_id.ts";
import { kvm_one_reg, kvm_reg_list } from "../../kvm/structs.ts";
import type { Bytes } from "../calls.ts";
import type { RegisterFamily } from "./family.ts";
import { isTimerRegister } from "./timer_registers.ts";

/** All the registers of a vcpu, in the order they are listed in. */
export interface Registers {
  readonly core: RegisterFamily;
  readonly sve: RegisterFamily;
  readonly firmware: RegisterFamily;
  readonly timers: RegisterFamily;
  readonly system: RegisterFamily;
  readonly caches: RegisterFamily;
}

const architecture = 0x6000_0000n;
const sizeField = 0x00f0_0000n;
/** Bits 27 to 16 of an id. */
const core = 0x10, demux = 0x11, firmware = 0x14, sve = 0x15, firmwareBitmap = 0x16;

function familyOf(registers: Registers, id: RegisterId): RegisterFamily | undefined {
  if ((id >> 32n & ~sizeField) !== architecture) return undefined;
  switch (Number(id >> 16n & 0xfffn)) {
    case core:
      return registers.core;
    case demux:
      return registers.caches;
    case firmware:
    case firmwareBitmap:
      return registers.firmware;
    case sve:
      return registers.sve;
    default:
      return isTimerRegister(id) ? registers.timers : registers.system;
  }
}

type OneRegister = ReturnType<typeof kvm_one_reg.unpack>;

export function readRegister(registers: Registers, { id: number }: OneRegister, room?: Bytes): number {
  const id = registerIdOf(number);
  const value = familyOf(registers, id)?.get(id) ?? -errno.EINVAL;
  if (typeof value === "number") return value;
  const size = registerSize(id);
  if (!room || room.length < size) return -errno.EFAULT;
  for (let byte = 0; byte < size; byte++) room[byte] = Number(value >> BigInt(8 * byte) & 0xffn);
  return 0;
}

export function writeRegister(registers: Registers, { id: number }: OneRegister, bytes?: Bytes): number {
  const id = registerIdOf(number);
  const family = familyOf(registers, id);
  if (!family) return -errno.EINVAL;
  const size = registerSize(id);
  if (!bytes || bytes.length < size) return -errno.EFAULT;
  const value = bytes.subarray(0, size).reduceRight((sum, byte) => sum << 8n | BigInt(byte), 0n);
  return family.set(id, value);
}

/** @param bytes the list's head with its room for ids after it */
export function listRegisters(registers: Registers, bytes: Bytes): number {
  const families: readonly RegisterFamily[] = Object.values(registers);
  const ids = families.flatMap((family) => family.list());
  const room = kvm_reg_list.unpack(bytes).n;
  bytes.set(kvm_reg_list.pack({ n: BigInt(ids.length) }));
  if (room < ids.length) return -errno.E2BIG;
  const end = kvm_reg_list.size + 8 * ids.length;
  if (bytes.length < end) return -errno.EFAULT;
  bytes.set(new Uint8Array(new BigUint64Array(ids).buffer), kvm_reg_list.size);
  return 0;
}
