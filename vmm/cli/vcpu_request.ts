// What options ask vcpus to be.

import type { CpuTemplate } from "../kvm/cpu_template.ts";
import { everythingAuto, type FeatureRequest, parseSve, parseSwitch } from "../kvm/feature_request.ts";
import type { RegisterId } from "../kvm/register_id.ts";
import { RequestError } from "../kvm/request_error.ts";
import { readInputFile } from "./input_files.ts";
import type { Given } from "./options.ts";
import { featureOptions } from "./vcpu_options.ts";

export interface VcpuRequest {
  readonly features: FeatureRequest;
  /** What KVM_SET_ONE_REG is to give them before the first KVM_RUN. */
  readonly idRegisters?: ReadonlyMap<RegisterId, bigint>;
  /** What a CPU template changes beside the features. */
  readonly template?: CpuTemplate;
  /** Bits of guest-physical address. */
  readonly ipaBits?: number | undefined;
}

/** Throws RequestError. */
export async function vcpuRequestOf(given: Given): Promise<VcpuRequest> {
  if (!given.has("config")) {
    return given.has("cpu-template") ? await templated(given) : { features: featuresOf(given) };
  }
  const contradiction = [...Object.keys(featureOptions), "cpu-template"].find((option) => given.has(option));
  if (contradiction) {
    throw new RequestError(
      contradiction,
      `--config says what a vcpu is to be, --${contradiction} too; give one of them`,
    );
  }
  const file = given.one("config")!;
  const text = new TextDecoder().decode(readInputFile("config", file));
  const [{ parseVcpuConfiguration }, { idRegistersOf, requestOf }] = await Promise.all([
    import("../lab/vcpu_configuration_schema.ts"),
    import("../lab/configuration_check.ts"),
  ]);
  const configuration = parseVcpuConfiguration(file, text);
  return {
    features: requestOf(configuration),
    idRegisters: idRegistersOf(configuration),
    ipaBits: configuration.ipaBits,
  };
}

async function templated(given: Given): Promise<VcpuRequest> {
  const file = given.one("cpu-template")!;
  const text = new TextDecoder().decode(readInputFile("cpu-template", file));
  const [{ parseCpuTemplate }, { requestWith, tellLostRegisters }] = await Promise.all([
    import("../lab/cpu_template_schema.ts"),
    import("../lab/cpu_template_features.ts"),
  ]);
  const { features, ...template } = parseCpuTemplate(file, text);
  const warn = (sentence: string) => console.error(`velum: ${sentence}`);
  tellLostRegisters(template, warn);
  return { features: requestWith(features, namedFeatures(given), warn), template };
}

const featuresOf = (given: Given): FeatureRequest => ({ ...everythingAuto, ...namedFeatures(given) });

/** What options ask for. */
function namedFeatures(given: Given): Partial<FeatureRequest> {
  return {
    ...given.has("sve") && { sve: parseSve(given.one("sve")!) },
    ...given.has("ptrauth") && { ptrauth: parseSwitch("ptrauth", given.one("ptrauth")!) },
    ...given.has("pmu") && { pmu: parseSwitch("pmu", given.one("pmu")!) },
  };
}
