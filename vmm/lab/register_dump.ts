// All registers of a vcpu, as KVM_GET_REG_LIST names them, at one point of its life.

import { decodeFields } from "../kvm/register_fields.ts";
import { KVM_REG_ARM64_SVE_VLS, type RegisterId, registerName } from "../kvm/register_id.ts";
import type { Vcpu } from "../kvm/vcpu.ts";
import { formatLengths, lengthsOfVls } from "../kvm/vector_lengths.ts";

export const lanes = { b: 1, h: 2, s: 4, d: 8 } as const;
export type Lane = keyof typeof lanes;

export interface DumpedRegister {
  readonly name: string;
  /** As one number, hexadecimal. */
  readonly value: string;
  /** What its fields, lanes or bits say. */
  readonly says: string;
}

export interface VcpuDump {
  readonly vcpu: number;
  readonly registers: readonly DumpedRegister[];
}

/** In the order of a person's interest: what runs, then vectors, then the system, then KVM's own. */
export function dumpRegisters(vcpu: Vcpu, lane: Lane): VcpuDump {
  const list = vcpu.registerList();
  const longest = list.includes(KVM_REG_ARM64_SVE_VLS)
    ? Math.max(...lengthsOfVls(vcpu.getRegisterBytes(KVM_REG_ARM64_SVE_VLS)))
    : 128;
  const registers = list
    .map((id): [string, RegisterId] => [registerName(id), id])
    .sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b, "en", { numeric: true }))
    .map(([name, id]) => dumpRegister(vcpu, name, id, longest / 8, lane));
  return { vcpu: vcpu.index, registers };
}

/** Families in their order; what is of none comes last but for ids without a name. */
const families: readonly RegExp[] = [
  /^X\d+$/,
  /^(SP|PC|PSTATE)$/,
  /^(SP_EL1|ELR_EL1|SPSR_\w+|ESR_EL1|FAR_EL1)$/,
  /^(FPCR|FPSR)$/,
  /^V\d+$/,
  /^KVM_REG_ARM64_SVE_VLS$/,
  /^Z\d+ /,
  /^P\d+ /,
  /^FFR /,
  /^ID_AA64/,
  /^(ID_|MVFR)/,
  /^KVM_/,
  /^CCSIDR/,
  /^S\d_/,
];
const afterFamilies = families.findIndex((pattern) => pattern.test("KVM_")) - 0.5;

function rank(name: string): number {
  const found = families.findIndex((pattern) => pattern.test(name));
  return found < 0 ? afterFamilies : found;
}

function dumpRegister(
  vcpu: Vcpu,
  name: string,
  id: RegisterId,
  vectorBytes: number,
  lane: Lane,
): DumpedRegister {
  const bytes = vcpu.getRegisterBytes(id);
  const value = "0x" + (bytes.toReversed().toHex().replace(/^0+/, "") || "0");
  return { name, value, says: sayings(name, id, bytes, BigInt(value), vectorBytes, lane) };
}

function sayings(
  name: string,
  id: RegisterId,
  bytes: Uint8Array,
  value: bigint,
  vectorBytes: number,
  lane: Lane,
): string {
  if (id === KVM_REG_ARM64_SVE_VLS) return formatLengths(lengthsOfVls(bytes));
  if (/^Z\d/.test(name)) return vectorLanes(bytes.subarray(0, vectorBytes), lane);
  if (/^V\d/.test(name)) return vectorLanes(bytes, lane);
  if (/^(P\d|FFR)/.test(name)) return predicateLanes(bytes, vectorBytes, lane);
  return decodeFields(name, value)
    .map(({ name: field, value: read, means }) => `${field} ${read}${means ? ` (${means})` : ""}`)
    .join(", ");
}

/** Lane 0 first. */
function vectorLanes(bytes: Uint8Array, lane: Lane): string {
  if (bytes.every((byte) => byte === 0)) return "all lanes 0";
  const size = lanes[lane];
  const count = bytes.length / size;
  return Array.from({ length: count }, (_, n) => bytes.slice(n * size, (n + 1) * size).toReversed().toHex())
    .join(" ");
}

/** A bit for each byte of a vector; a lane's is that of its lowest byte. Lane 0 first. */
function predicateLanes(bytes: Uint8Array, vectorBytes: number, lane: Lane): string {
  const size = lanes[lane];
  const active = Array.from(
    { length: vectorBytes / size },
    (_, n) => bytes[n * size >> 3]! >> (n * size & 7) & 1,
  );
  if (active.every((on) => on === 0)) return "no lane active";
  return active.every((on) => on === 1) ? "all lanes active" : active.join("");
}
