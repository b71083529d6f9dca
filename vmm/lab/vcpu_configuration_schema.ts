// What a vcpu is to be, as JSON: what `velum baseline` writes, and what `run --config`, `negotiate --config` and
// `velum check` read.

import { z } from "zod";
import { registerByName } from "../kvm/register_id.ts";
import { parseJsonInput } from "./json_input.ts";

const hexadecimal = z.string().regex(/^0x[0-9a-f]{1,16}$/i, 'a hexadecimal number as "0x1f"');

export const vcpuConfigurationSchema = z.strictObject({
  schema: z.literal("velum/vcpu/1"),
  vectorLengths: z.array(z.int().min(128).max(2048).multipleOf(128))
    .describe("exactly these SVE vector lengths, in bits; none for a vcpu without SVE"),
  ptrauth: z.boolean().describe("pointer authentication, both halves of it or neither"),
  pmu: z.boolean().describe("performance monitors"),
  ipaBits: z.int().min(32).max(52).optional().describe("bits of guest-physical address"),
  idRegisters: z.record(z.string(), hexadecimal).superRefine((registers, context) => {
    for (const name of Object.keys(registers)) {
      if (registerByName(name) === undefined) {
        context.addIssue({ code: "custom", path: [name], message: "there is no register of this Arm name" });
      }
    }
  }).describe("what KVM_SET_ONE_REG gives these registers before the first KVM_RUN"),
});

export type VcpuConfiguration = z.infer<typeof vcpuConfigurationSchema>;

/** Throws RequestError naming the field `config`. */
export function parseVcpuConfiguration(file: string, text: string): VcpuConfiguration {
  return parseJsonInput(
    vcpuConfigurationSchema,
    text,
    "config",
    file,
    "a vcpu's configuration as velum baseline writes it",
  );
}
