// From a machine's configuration to the machine: its files are read here, by the process that will run it.

import { findProgram, programFile } from "../../guest/programs.ts";
import { MiB } from "../../guest/ram.ts";
import type { Backend } from "../kvm/backend.ts";
import { everythingAuto, type FeatureRequest, parseSve } from "../kvm/feature_request.ts";
import type { RegisterId } from "../kvm/register_id.ts";
import { RequestError } from "../kvm/request_error.ts";
import { idRegistersOf, requestOf } from "../lab/configuration_check.ts";
import type { MachineOptions } from "../machine/machine.ts";
import { parseMemorySize } from "../machine/memory_size.ts";
import type { TranscriptTarget } from "../machine/transcript_output.ts";
import type { MachineConfiguration } from "./machine_configuration_schema.ts";

const defaults = { guest: "hello", cpus: 1, memorySize: 512 * MiB };

export const vcpusOf = ({ cpus = defaults.cpus }: MachineConfiguration): number => cpus;

type Request = {
  features: FeatureRequest;
  idRegisters?: ReadonlyMap<RegisterId, bigint>;
  ipaBits?: number | undefined;
};

/** Bytes of RAM. */
export const memorySizeOf = ({ memory }: MachineConfiguration): number =>
  memory === undefined ? defaults.memorySize : parseMemorySize(memory);

/** Throws RequestError. @param backend with the transcript already, if one is wanted */
export function machineOptionsOf(
  configuration: MachineConfiguration,
  backend: Backend,
  transcript: TranscriptTarget | undefined,
): MachineOptions & Request {
  const optional = (field: "initrd" | "deviceTree") =>
    configuration[field] === undefined ? undefined : readFile(field, configuration[field]);
  return {
    ...guestOf(configuration),
    initrd: optional("initrd"),
    deviceTree: optional("deviceTree"),
    cpus: vcpusOf(configuration),
    memorySize: memorySizeOf(configuration),
    ...requested(configuration),
    drives: (configuration.drives ?? []).map(({ path, readOnly = false }) => ({ path, readOnly })),
    transcript,
    backend,
  };
}

function guestOf({ firmware, kernel, guest = defaults.guest, append = "" }: MachineConfiguration) {
  if (firmware) {
    const { program, programIsKept = false, variables, variablesAreKept = true } = firmware;
    return {
      commandLine: "",
      firmware: {
        program: { path: program, isKept: programIsKept },
        variables: variables === undefined ? undefined : { path: variables, isKept: variablesAreKept },
      },
    };
  }
  if (kernel !== undefined) return { commandLine: append, kernel: readFile("kernel", kernel) };
  const program = findProgram(guest);
  if (program) return { commandLine: append, kernel: Deno.readFileSync(programFile(program)) };
  throw new RequestError("guest", `there is no guest called "${guest}"; velum guests lists them`);
}

function requested({ features = {}, vcpu }: MachineConfiguration): Request {
  if (vcpu) return { features: requestOf(vcpu), idRegisters: idRegistersOf(vcpu), ipaBits: vcpu.ipaBits };
  const { sve, ptrauth = everythingAuto.ptrauth, pmu = everythingAuto.pmu } = features;
  return { features: { sve: sve === undefined ? everythingAuto.sve : parseSve(sve), ptrauth, pmu } };
}

function readFile(field: string, path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound
      ? "does not exist"
      : `cannot be read (${(error as Error).message})`;
    throw new RequestError(field, `the file ${path} ${why}`);
  }
}
