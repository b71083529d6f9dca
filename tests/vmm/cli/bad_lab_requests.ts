// Requests of the negotiation lab that cannot be met.

import type { BadRequest } from "./bad_requests.ts";

/** @param folder where the files are that `badLabFiles` names */
export const badLabRequests = (folder: string): readonly BadRequest[] => {
  const at = (name: string) => `${folder}/${name}`;
  return [
    { args: ["baseline"], says: ["two of them"] },
    { args: ["baseline", "max"], says: ["two of them"] },
    { args: ["baseline", "max", "max"], says: ["max is named twice"] },
    { args: ["baseline", "max", "cray-1"], says: ['no host "cray-1"'] },
    { args: ["baseline", "max", at("missing")], says: [at("missing"), "cannot be read"] },
    { args: ["baseline", "max", at("report-of-2.json")], says: ['"schema"', "velum/host-report/1"] },
    {
      args: ["baseline", "max", "vq4", "--write", "/proc/nowhere/vcpu.json"],
      says: ["--write", "cannot be written"],
    },
    { args: ["matrix", "max", "max"], says: ["max is named twice"] },
    { args: ["matrix", "cray-1"], says: ['no host "cray-1"'] },
    { args: ["matrix", at("report-of-2.json")], says: ["velum/host-report/2", "velum/host-report/1"] },
    { args: ["matrix", "max", "--guest", "hello"], says: ['"hello"', "features"] },
    { args: ["check"], says: ["configuration", "hosts"] },
    { args: ["check", at("vcpu.json")], says: ["configuration", "hosts"] },
    { args: ["check", at("missing"), "max"], says: [at("missing"), "does not exist"] },
    { args: ["check", at("no-json"), "max"], says: [at("no-json"), "is not JSON"] },
    { args: ["check", at("lengths.json"), "max"], says: ["configuration", '"vectorLengths[1]"'] },
    {
      args: ["run", "--config", at("vcpu.json"), "--sve", "off"],
      says: ["--config", "--sve", "one of them"],
    },
    { args: ["run", "--config", at("register.json")], says: ['"idRegisters.ID_NOTHING"', "Arm name"] },
    {
      args: ["run", "--backend", "interpreter", "--config", at("wrong-value.json")],
      says: ["ID_AA64ISAR0_EL1 cannot be 0xffff", "EINVAL"],
    },
    {
      args: ["negotiate", "--backend", "interpreter", "--host", "neoverse-v1", "--config", at("wide.json")],
      says: ["52 bits", "48 at most"],
    },
  ];
};

const vcpu = { schema: "velum/vcpu/1", vectorLengths: [], ptrauth: false, pmu: false, idRegisters: {} };

export const badLabFiles: Readonly<Record<string, string>> = {
  "vcpu.json": JSON.stringify(vcpu),
  "no-json": "hello",
  "report-of-2.json": '{ "schema": "velum/host-report/2" }',
  "lengths.json": JSON.stringify({ ...vcpu, vectorLengths: [128, 100] }),
  "register.json": JSON.stringify({ ...vcpu, idRegisters: { ID_NOTHING: "0x1" } }),
  "wrong-value.json": JSON.stringify({ ...vcpu, idRegisters: { ID_AA64ISAR0_EL1: "0xffff" } }),
  "wide.json": JSON.stringify({ ...vcpu, ipaBits: 52 }),
};
