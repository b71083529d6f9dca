// Whether a host can give a vcpu a configuration: tried on a vcpu that lives no longer than the question.

import type { FeatureRequest } from "../kvm/feature_request.ts";
import { askHost, type HostOffer, withVcpu, withVm } from "../kvm/host_offer.ts";
import { fieldsOfIdRegister, readField } from "../kvm/id_register_fields.ts";
import { KvmError } from "../kvm/kvm_error.ts";
import { configureVcpu, negotiate } from "../kvm/negotiation.ts";
import { registerNamed } from "../kvm/register_id.ts";
import type { Kvm } from "../kvm/system.ts";
import type { Vcpu } from "../kvm/vcpu.ts";
import type { VcpuConfiguration } from "./vcpu_configuration_schema.ts";

/** The features that the configuration asks for. */
export function requestOf({ vectorLengths, ptrauth, pmu }: VcpuConfiguration): FeatureRequest {
  return {
    sve: vectorLengths.length
      ? { kind: "exact", lengths: vectorLengths.toSorted((a, b) => a - b) }
      : { kind: "off" },
    ptrauth: ptrauth ? "on" : "off",
    pmu: pmu ? "on" : "off",
  };
}

/** What the configuration gives ID registers, by their ids. */
export const idRegistersOf = ({ idRegisters }: VcpuConfiguration) =>
  new Map(Object.entries(idRegisters).map(([name, value]) => [registerNamed(name), BigInt(value)]));

/** A sentence for each part that the host refuses; none if it can have such a vcpu. Throws KvmError. */
export function checkConfiguration(kvm: Kvm, configuration: VcpuConfiguration): string[] {
  const offer = askHost(kvm);
  const refused: string[] = [];
  const { ipaBits = 0 } = configuration;
  if (ipaBits > offer.ipaBits) {
    refused.push(`the host gives ${offer.ipaBits} bits of guest-physical address at most, not ${ipaBits}`);
  }
  const negotiated = negotiate(requestOf(configuration), offer);
  if ("refusals" in negotiated) return [...refused, ...negotiated.refusals.map(({ message }) => message)];
  return [
    ...refused,
    ...refusedRegisters(kvm, offer, configuration, (vcpu) => {
      configureVcpu(vcpu, offer.target, negotiated.plan);
    }),
  ];
}

function refusedRegisters(
  kvm: Kvm,
  offer: HostOffer,
  configuration: VcpuConfiguration,
  configure: (vcpu: Vcpu) => void,
): string[] {
  return withVm(kvm, offer.ipaBits, (vm) =>
    withVcpu(vm, (vcpu) => {
      configure(vcpu);
      return Object.entries(configuration.idRegisters).flatMap(([name, value]) =>
        refusalOf(vcpu, name, BigInt(value))
      );
    }));
}

function refusalOf(vcpu: Vcpu, name: string, value: bigint): string[] {
  const id = registerNamed(name);
  try {
    const own = vcpu.getRegister(id);
    try {
      vcpu.setRegister(id, value);
      return [];
    } catch (error) {
      if (!(error instanceof KvmError)) throw error;
      return [
        `${name} cannot be 0x${value.toString(16)} here (${error.errno}): ${differing(name, own, value)}`,
      ];
    }
  } catch (error) {
    if (!(error instanceof KvmError)) throw error;
    return [`${name} is not there (${error.errno}): ${error.meaning}`];
  }
}

/** The fields in which the value is not the host's own. */
function differing(register: string, own: bigint, value: bigint): string {
  const fields = fieldsOfIdRegister(register)
    .filter((field) => readField(own, field) !== readField(value, field))
    .map((field) =>
      `${field.name} is ${readField(own, field)} on this host and would be ${readField(value, field)}`
    );
  return fields.join(", ") || `the host's value is 0x${own.toString(16)}`;
}
