// What single vcpus are to have in place of what all have: `--vcpu 1:sve=256`.

import { type FeatureRequest, parseSve, parseSwitch, type SveRequest } from "../kvm/feature_request.ts";
import { RequestError } from "../kvm/request_error.ts";

export type VcpuSettings = ReadonlyMap<number, Partial<FeatureRequest>>;

const form = "INDEX:sve=LENGTHS, INDEX:ptrauth=SWITCH or INDEX:pmu=SWITCH, as in 1:sve=256";

/** Throws RequestError. */
export function parseVcpuSettings(texts: readonly string[], cpus: number): VcpuSettings {
  const settings = new Map<number, Partial<FeatureRequest>>();
  for (const text of texts) {
    const [, digits, name, value] = /^(\d+):([a-z]+)=(.*)$/.exec(text) ?? [];
    if (digits === undefined) wrong(`"${text}" is no setting of a vcpu; it is ${form}`);
    const index = Number(digits);
    if (index >= cpus) {
      wrong(`there is no vcpu ${index} to have "${text}": --cpus ${cpus} makes vcpu 0 to ${cpus - 1}`);
    }
    const own = settings.get(index) ?? {};
    if (Object.hasOwn(own, name!)) wrong(`${name} of vcpu ${index} is given twice; give it once`);
    settings.set(index, { ...own, ...parseSetting(name!, value!) });
  }
  return settings;
}

function parseSetting(name: string, value: string): Partial<FeatureRequest> {
  if (name === "sve") return { sve: parseVcpuSve(value) };
  if (name === "ptrauth" || name === "pmu") return { [name]: parseSwitch(name, value) };
  return wrong(`a vcpu has no setting "${name}"; it is ${form}`);
}

/** One length alone is the longest: a set of it alone no host accepts, but of 128. */
function parseVcpuSve(value: string): SveRequest {
  const request = parseSve(value);
  const [only, ...more] = request.kind === "exact" ? request.lengths : [];
  return only !== undefined && more.length === 0 ? { kind: "max", bits: only } : request;
}

function wrong(sentence: string): never {
  throw new RequestError("vcpu", sentence);
}
