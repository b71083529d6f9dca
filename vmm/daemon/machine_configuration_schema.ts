// A machine as JSON: what `run --config` and `create` take, and what the daemon's API creates VMs from.

import { z } from "zod";
import { parseSve } from "../kvm/feature_request.ts";
import { RequestError } from "../kvm/request_error.ts";
import { parseJsonInput } from "../lab/json_input.ts";
import { vcpuConfigurationSchema } from "../lab/vcpu_configuration_schema.ts";
import { parseMemorySize } from "../machine/memory_size.ts";

export const machineSchemaName = "velum/machine/1";

/** A string that `parse` takes; what is wrong with another is what its RequestError says. */
const parsedBy = (parse: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      context.addIssue({ code: "custom", message: error.message });
    }
  });

const path = z.string().min(1).max(4096).refine((text) => !text.includes("\0"), "a path has no NUL in it");
const setting = z.enum(["on", "off", "auto"]);

/** Also what a VM is called in a URL and in a file's name, so nothing else may be one. */
export const vmNameSchema = z.string().regex(
  /^[a-z0-9][a-z0-9-]{0,62}$/,
  "a name has 1 to 63 small letters, digits and hyphens, and begins with no hyphen",
);

export const featuresSchema = z.strictObject({
  sve: parsedBy(parseSve).optional().describe("vector lengths: off, auto, max=BITS, or as 128,256"),
  ptrauth: setting.optional().describe("pointer authentication"),
  pmu: setting.optional().describe("performance monitors"),
});

const limitsSchema = z.strictObject({
  cpuSeconds: z.number().positive().max(1e9).optional().describe("processor time of the VM's whole process"),
  wallSeconds: z.number().positive().max(2e6).optional().describe("time since its start"),
  consoleBytes: z.int().min(1024).max(2 ** 24).optional().describe(
    "how much of its console's output is kept; the oldest is dropped first",
  ),
});

export const machineConfigurationSchema = z.strictObject({
  schema: z.literal(machineSchemaName).optional(),
  name: vmNameSchema.optional(),
  guest: z.string().min(1).max(64).optional().describe("a tiny guest's name; hello if nothing else is given"),
  kernel: path.optional().describe("a flat binary, ELF64 or Linux Image, plain or gzipped"),
  initrd: path.optional(),
  append: z.string().max(2048).optional().describe("the guest's command line"),
  firmware: z.strictObject({
    program: path,
    programIsKept: z.boolean().optional().describe("whether what the guest writes there is written back"),
    variables: path.optional(),
    variablesAreKept: z.boolean().optional().describe("true unless given"),
  }).optional().describe("flash at address 0, in place of a kernel"),
  deviceTree: path.optional().describe("a device tree blob in place of the machine's own"),
  cpus: z.int().min(1).max(512).optional(),
  memory: parsedBy(parseMemorySize).optional().describe("RAM, as 512M or 2G"),
  drives: z.array(z.strictObject({ path, readOnly: z.boolean().optional() })).max(64).optional(),
  features: featuresSchema.optional().describe("what its vcpus are to be; auto unless given"),
  vcpu: vcpuConfigurationSchema.optional().describe(
    "features and ID registers, as velum baseline writes them, in place of features",
  ),
  backend: z.enum(["auto", "kvm", "interpreter"]).optional(),
  host: z.string().min(1).max(4096).optional().describe("what the interpreter pretends to be"),
  deterministic: z.boolean().optional().describe(
    "run the same each time, by a clock that counts instructions (interpreter)",
  ),
  seed: z.int().min(0).max(2 ** 32 - 1).optional().describe(
    "what a deterministic guest's random numbers follow from; 0 unless given",
  ),
  transcript: z.boolean().optional().describe("whether every call to KVM is written down"),
  limits: limitsSchema.optional(),
}).superRefine((machine, context) => {
  for (const rivals of [["guest", "kernel", "firmware"], ["features", "vcpu"]] as const) {
    const [first, second] = rivals.filter((name) => machine[name] !== undefined);
    if (second === undefined) continue;
    const message = `both ${first} and ${second} are given; give one of them`;
    context.addIssue({ code: "custom", path: [second], message });
  }
  for (const name of ["initrd", "append"] as const) {
    if (machine.firmware === undefined || machine[name] === undefined) continue;
    const message = "is for a kernel, and firmware finds its own; give kernel in place of firmware";
    context.addIssue({ code: "custom", path: [name], message });
  }
  if (machine.seed !== undefined && !machine.deterministic) {
    context.addIssue({ code: "custom", path: ["seed"], message: "is for a machine that is deterministic" });
  }
});

export type MachineConfiguration = z.infer<typeof machineConfigurationSchema>;

/** The schema as a JSON Schema document (draft 2020-12). */
export const machineJsonSchema = () => z.toJSONSchema(machineConfigurationSchema);

/** Throws RequestError naming `field`. */
export const parseMachineConfiguration = (field: string, file: string, text: string): MachineConfiguration =>
  parseJsonInput(machineConfigurationSchema, text, field, file, "a machine's configuration");
