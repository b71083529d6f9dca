// A host as `velum probe --json` reported it, to be pretended elsewhere.

import { RequestError } from "../kvm/request_error.ts";
import { isProfileRegister } from "./host_profile.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Members = { [key: string]: Json };

const readable = "velum/host-report/1";

export const isReport = (json: Members): boolean => "schema" in json;

/**
 * What a file of one's own would say of the host.
 * Throws RequestError for a report that is not of a version known here.
 */
export function describeReported(file: string, report: Members): Members {
  if (report.schema !== readable) {
    throw new RequestError(
      "host",
      `${file} is a report of the schema ${JSON.stringify(report.schema)}, and this Velum reads ${readable}`,
    );
  }
  const { ptrauth, pmu, vcpus, ipaBits, idRegisters, vectorLengths, gics, backend } = report;
  return {
    about: `as velum probe reported it (${backend})`,
    vectorLengths: vectorLengths ?? null,
    ptrauth: member(ptrauth, "algorithm"),
    ipaBits: Array.isArray(ipaBits) ? Math.max(...ipaBits.map(Number)) : null,
    pmuCounters: member(pmu, "isOffered") ? member(pmu, "eventCounters") : 0,
    gics: gics ?? null,
    cpus: member(vcpus, "recommended"),
    idRegisters: idRegisters === null || typeof idRegisters !== "object" || Array.isArray(idRegisters)
      ? null
      : Object.fromEntries(
        Object.entries(idRegisters)
          .filter(([name]) => isProfileRegister(name))
          .map(([name, register]) => [name, member(register, "value")]),
      ),
  };
}

const member = (value: Json | undefined, name: string): Json =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? value[name] ?? null : null;
