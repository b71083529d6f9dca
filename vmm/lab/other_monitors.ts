// How other monitors are asked for the same vcpu: QEMU ("Arm CPU Features" and "'virt' generic virtual platform" of
// its manual) and kvmtool (the options that `lkvm run --help` lists).

import type { Gic } from "../kvm/host_offer.ts";
import { RequestError } from "../kvm/request_error.ts";
import { formatLengths } from "../kvm/vector_lengths.ts";

/** What a vcpu is, and the host that it is on. */
export interface VcpuOnHost {
  readonly vectorLengths: readonly number[];
  readonly ptrauth: boolean;
  readonly pmu: boolean;
  readonly gic: Gic;
  /** Names of ID registers that were given values, and bits of guest-physical address, if any were asked for. */
  readonly idRegisters: readonly string[];
  readonly ipaBits?: number | undefined;
  readonly host: {
    readonly vectorLengths: readonly number[];
    readonly ptrauth: boolean;
    readonly mte: boolean;
  };
}

export interface Options {
  readonly arguments: readonly string[];
  /** A sentence for each thing that the tool has no option for. */
  readonly cannot: readonly string[];
}

const tools = { qemu: qemuOptions, kvmtool: kvmtoolOptions } as const;
export type Tool = keyof typeof tools;

/** Throws RequestError. */
export function parseTool(name: string): Tool {
  if (Object.hasOwn(tools, name)) return name as Tool;
  throw new RequestError(
    "as",
    `"${name}" is no monitor whose options are known here; ${Object.keys(tools).join(" and ")} are`,
  );
}

/** What follows the tool's name (for kvmtool, `lkvm run`) on its command line. */
export const optionsAs = (tool: Tool, vcpu: VcpuOnHost): Options => tools[tool](vcpu);

const gicVersions = { v2: "2", v3: "3" };
const onOff = (isOn: boolean) => isOn ? "on" : "off";

function qemuOptions(vcpu: VcpuOnHost): Options {
  const { vectorLengths, ptrauth, pmu, gic, host } = vcpu;
  const lengths = vectorLengths.length
    ? host.vectorLengths.map((bits) => `sve${bits}=${onOff(vectorLengths.includes(bits))}`)
    : ["sve=off"];
  const cpu = ["host", ...lengths, `pauth=${onOff(ptrauth)}`, `pmu=${onOff(pmu)}`];
  return {
    arguments: ["-machine", `virt,accel=kvm,gic-version=${gicVersions[gic]}`, "-cpu", cpu.join(",")],
    cannot: cannotInGeneral("QEMU", vcpu),
  };
}

function kvmtoolOptions(vcpu: VcpuOnHost): Options {
  const { vectorLengths, ptrauth, pmu, gic, host } = vcpu;
  const cannot: string[] = [];
  const longest = vectorLengths.at(-1);
  const isCut = longest !== undefined && longest !== host.vectorLengths.at(-1);
  const canCut = isCut && Number.isInteger(Math.log2(longest));
  if (longest === undefined && host.vectorLengths.length) {
    cannot.push("kvmtool gives every vcpu SVE where the host has it, and has no option to leave it out");
  }
  if (isCut && !canCut) {
    cannot.push(
      `kvmtool's --sve-max-vl takes a power of two, so its vcpu cannot have ${
        formatLengths(vectorLengths)
      } alone`,
    );
  }
  if (!ptrauth && host.ptrauth) {
    cannot.push(
      "kvmtool gives every vcpu pointer authentication where the host has it, and has no option to leave it out",
    );
  }
  return {
    arguments: [
      "--irqchip",
      gic === "v2" ? "gicv2" : "gicv3",
      ...canCut ? [`--sve-max-vl=${longest}`] : [],
      ...pmu ? ["--pmu"] : [],
      ...host.mte ? ["--disable-mte"] : [],
    ],
    cannot: [...cannot, ...cannotInGeneral("kvmtool", vcpu)],
  };
}

function cannotInGeneral(tool: string, { idRegisters, ipaBits }: VcpuOnHost): string[] {
  return [
    ...idRegisters.length
      ? [`${tool} has no option for the values of ${idRegisters.join(", ")} that the vcpu was given`]
      : [],
    ...ipaBits === undefined ? [] : [
      `${tool} has no option for ${ipaBits} bits of guest-physical address, and chooses them by the memory it is given`,
    ],
  ];
}
