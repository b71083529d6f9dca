// What a CPU template changes that is no feature: which capabilities the host must have, and registers, changed by
// reading and writing them (KVM document, "4.68 KVM_SET_ONE_REG").

import { capabilityName } from "./capabilities.ts";
import { KvmError } from "./kvm_error.ts";
import { type RegisterId, registerName } from "./register_id.ts";
import { RequestError } from "./request_error.ts";
import type { Kvm } from "./system.ts";
import type { Vcpu } from "./vcpu.ts";

export interface RegisterModifier {
  readonly id: RegisterId;
  /** The bits that are changed, and what they become. */
  readonly mask: bigint;
  readonly value: bigint;
}

export interface CpuTemplate {
  /** By number; each must be there. */
  readonly capabilities: readonly number[];
  readonly registers: readonly RegisterModifier[];
}

const field = "cpu-template";

/** Throws RequestError for a capability that the host lacks. */
export function checkCapabilities(kvm: Kvm, { capabilities }: CpuTemplate) {
  const missing = capabilities.find((number) => kvm.checkExtensionNumber(number) === 0);
  if (missing === undefined) return;
  throw new RequestError(
    field,
    `the template wants KVM capability ${missing} (${capabilityName(missing)}), which this host lacks`,
  );
}

/**
 * Gives every vcpu what the first vcpu's registers become. The vcpus are initialised and finalized, and have not run.
 * Throws RequestError.
 */
export function modifyRegisters(vcpus: readonly Vcpu[], { registers }: CpuTemplate) {
  const [first] = vcpus;
  const changed = registers.map(({ id, mask, value }) => {
    const own = tried(id, () => first!.getRegister(id), () => "is not there");
    return { id, value: own & ~mask | value };
  });
  for (const { id, value } of changed) {
    const refused = () => `cannot be 0x${value.toString(16)}`;
    vcpus.forEach((vcpu) => tried(id, () => vcpu.setRegister(id, value), refused));
  }
}

function tried<T>(id: RegisterId, call: () => T, said: () => string): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof KvmError)) throw error;
    throw new RequestError(
      field,
      `the template's ${registerName(id)} ${said()} on this host (${error.errno}): ${error.meaning}`,
    );
  }
}
