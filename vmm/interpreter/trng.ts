// The guest's source of randomness (Arm DEN 0098, "True Random Number Generator Firmware Interface").

import {
  type Arguments,
  type HypercallHost,
  INVALID_PARAMETERS,
  NOT_SUPPORTED,
  type Outcome,
  returns,
  SUCCESS,
} from "./hypercall.ts";

export const trngFunctions = {
  TRNG_VERSION: 0x8400_0050,
  TRNG_FEATURES: 0x8400_0051,
  TRNG_GET_UUID: 0x8400_0052,
  TRNG_RND32: 0x8400_0053,
  TRNG_RND64: 0xc400_0053,
} as const;
const { TRNG_VERSION, TRNG_FEATURES, TRNG_GET_UUID, TRNG_RND64 } = trngFunctions;
const functions: readonly number[] = Object.values(trngFunctions);

const version = 0x1_0000;
/** The UUID of Linux's KVM as a source, four bytes to a word. */
const uuid = [0x00e0_210d, 0xeb11_8443, 0x4452_7080, 0x4c5a_4e55];
/** KVM_REG_ARM_STD_BMAP. */
const TRNG = 1;
const registers = 3;

export const isTrng = (id: number) => functions.includes(id);

export function trng(host: HypercallHost, id: number, [argument]: Arguments): Outcome {
  if (!(host.standardServices & TRNG)) return returns(NOT_SUPPORTED);
  switch (id) {
    case TRNG_VERSION:
      return returns(version);
    case TRNG_FEATURES:
      return returns(isTrng(Number(BigInt.asUintN(32, argument))) ? SUCCESS : NOT_SUPPORTED);
    case TRNG_GET_UUID:
      return returns(...uuid);
    default:
      return random(host, argument, id === TRNG_RND64 ? 64 : 32);
  }
}

/** @param width bits that each of X1 to X3 has; X3 has the lowest ones */
function random(host: HypercallHost, asked: bigint, width: number): Outcome {
  if (asked > BigInt(registers * width)) return returns(INVALID_PARAMETERS);
  const bytes = new Uint8Array(Math.ceil(Number(asked) / 8));
  host.fillRandom(bytes);
  const entropy = bytes.reduceRight((sum, byte) => sum << 8n | BigInt(byte), 0n);
  const bits = BigInt.asUintN(Number(asked), entropy);
  const register = (n: number) => BigInt.asUintN(width, bits >> BigInt(n * width));
  return returns(SUCCESS, register(2), register(1), register(0));
}
