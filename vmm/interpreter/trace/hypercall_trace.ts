// A hypercall in words: its function, its arguments and its answer (Arm DEN 0022, "PSCI functions", "Return
// codes"; Arm DEN 0028, "Arm Architecture Calls").

import type { Cpu } from "../a64/cpu.ts";
import { psciFunctions } from "../psci.ts";
import { smcccFunctions } from "../smccc.ts";
import { trngFunctions } from "../trng.ts";

const names = new Map<number, string>(
  [psciFunctions, smcccFunctions, trngFunctions].flatMap((functions) =>
    Object.entries(functions).map(([name, number]) => [number, name] as const)
  ),
);
/** The same function, with arguments of 64 bits. */
const is64 = 0x4000_0000;

/** What the arguments are, where the function takes any. */
const argumentsOf: Readonly<Record<string, readonly string[]>> = {
  CPU_SUSPEND: ["power_state", "entry", "context"],
  CPU_ON: ["target", "entry", "context"],
  AFFINITY_INFO: ["target", "level"],
  PSCI_FEATURES: ["function"],
  SYSTEM_SUSPEND: ["entry", "context"],
  SYSTEM_RESET2: ["type", "cookie"],
  SMCCC_ARCH_FEATURES: ["function"],
  PV_TIME_FEATURES: ["function"],
  TRNG_FEATURES: ["function"],
  TRNG_RND32: ["bits"],
  TRNG_RND64: ["bits"],
  VENDOR_HYP_KVM_PTP: ["counter"],
};

const errors: Readonly<Record<string, string>> = {
  "-1": "NOT_SUPPORTED",
  "-2": "INVALID_PARAMETERS",
  "-3": "DENIED",
  "-4": "ALREADY_ON",
  "-5": "ON_PENDING",
  "-6": "INTERNAL_FAILURE",
  "-9": "INVALID_ADDRESS",
};

const hex = (value: bigint) => "0x" + value.toString(16);

export function functionName(id: number): string {
  return names.get(id) ?? names.get((id & ~is64) >>> 0) ?? `function 0x${id.toString(16)}`;
}

export interface Called {
  readonly function: string;
  readonly arguments: Readonly<Record<string, string>>;
}

/** Before it is served. */
export function calledFunction(cpu: Cpu): Called {
  const name = functionName(Number(BigInt.asUintN(32, cpu.readX(0))));
  const parameters = argumentsOf[name] ?? [];
  const given = parameters.map((parameter, n) => {
    const value = cpu.readX(n + 1);
    return [
      parameter,
      parameter === "function" ? functionName(Number(BigInt.asUintN(32, value))) : hex(value),
    ];
  });
  return { function: name, arguments: Object.fromEntries(given) };
}

/** After it was served: X0. */
export function answerOf(cpu: Cpu): string {
  const value = BigInt.asIntN(64, cpu.readX(0));
  return value === 0n ? "SUCCESS" : errors[String(value)] ?? hex(BigInt.asUintN(64, value));
}

export const formatCall = ({ function: name, arguments: given }: Called) =>
  `${name}(${Object.entries(given).map(([parameter, value]) => `${parameter} ${value}`).join(", ")})`;
