// What a report of a host is, as JSON: what `velum probe --json` prints, and what every command that takes a host
// reads. The schema has a version; a reader refuses those it does not know.

import { z } from "zod";

/** What every report begins with. A change that an older reader would misread gets the next number. */
export const reportSchemaName = "velum/host-report/1";

const hexadecimal = z.string().regex(/^0x[0-9a-f]{1,16}$/, 'a hexadecimal number as "0x1f"');
const bits = z.int().min(128).max(2048).multipleOf(128);
/** 0, or the name of the error. */
const answer = z.union([z.literal(0), z.string().regex(/^E[A-Z0-9]+$/)]);
const name = z.string().min(1);

const combination = z.strictObject({
  features: z.array(name).describe("what KVM_ARM_VCPU_INIT was asked for"),
  answer: answer.describe("what it answered: 0, or the error"),
  registers: z.strictObject({
    count: z.int().min(0),
    more: z.array(name).optional().describe("those that the combination without features lacks"),
    fewer: z.array(name).optional().describe("those that only the combination without features has"),
  }).optional().describe(
    "of an accepted combination: what KVM_GET_REG_LIST lists; which is left out where it is the sum of what " +
      "smaller accepted combinations in it list",
  ),
});

export const hostReportSchema = z.strictObject({
  schema: z.literal(reportSchemaName),
  backend: z.enum(["kvm", "interpreter"]),
  apiVersion: z.int(),
  target: z.int().describe("kvm_vcpu_init.target that fits the host"),
  ipaBits: z.array(z.int().min(32).max(52)).min(1).describe("bits of guest-physical address a VM can have"),
  vcpus: z.strictObject({ most: z.int().min(1), recommended: z.int().min(1) }),
  capabilities: z.record(name, z.int()).describe("what KVM_CHECK_EXTENSION answers, by name"),
  vectorLengths: z.array(bits).describe("SVE's, in bits, ascending; none without SVE"),
  vectorLengthSets: z.array(z.strictObject({ lengths: z.array(bits), answer })).describe(
    "what writing KVM_REG_ARM64_SVE_VLS answers, for each set that consists of the host's shortest lengths",
  ),
  ptrauth: z.strictObject({
    address: z.boolean(),
    generic: z.boolean(),
    algorithm: z.enum(["none", "qarma5", "qarma3", "impdef"]),
  }),
  pmu: z.strictObject({ isOffered: z.boolean(), eventCounters: z.int().min(0).max(31) }),
  gics: z.array(z.enum(["v2", "v3"])),
  its: z.boolean(),
  breakpoints: z.int().min(0),
  watchpoints: z.int().min(0),
  combinations: z.array(combination).describe("every combination of features, each tried"),
  registers: z.array(name).describe("what a vcpu without features lists"),
  idRegisters: z.record(
    name,
    z.strictObject({
      value: hexadecimal.describe("on a vcpu with everything the host offers"),
      writable: hexadecimal.describe("the bits that KVM_SET_ONE_REG can change"),
    }),
  ),
});

export type HostReport = z.infer<typeof hostReportSchema>;

/** The schema as a JSON Schema document (draft 2020-12). */
export const hostReportJsonSchema = () => z.toJSONSchema(hostReportSchema);
