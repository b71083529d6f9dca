// What the API's answers look like: the declarations from which they are documented.

import { z } from "zod";
import { machineConfigurationSchema, vmNameSchema } from "./machine_configuration_schema.ts";
import type { Vm } from "./vm.ts";

export const problemSchema = z.object({
  error: z.object({
    field: z.string().describe("the part of the request that is at fault"),
    message: z.string().describe("one sentence"),
  }),
}).meta({ id: "Problem" });

const time = z.iso.datetime();

export const endingSchema = z.looseObject({
  kind: z.enum(["exit", "shutdown", "reset", "panic", "failed", "timeout", "stopped", "limit", "died"]),
  status: z.int().optional().describe("of exit: what the guest wrote to the exit device"),
  reason: z.string().optional(),
}).meta({ id: "Ending" });

export const vmSchema = z.object({
  name: vmNameSchema,
  state: z.enum(["created", "running", "paused", "ended"]),
  created: time,
  runs: z.int().describe("how often it was started"),
  started: time.nullable().describe("the last run's begin"),
  ended: time.nullable().describe("the last run's end"),
  ending: endingSchema.nullable().describe("how the last run ended"),
  report: z.string().optional().describe("a guest's that could not go on: last exits, registers"),
  pid: z.int().nullable().describe("of the VM's own process"),
  backend: z.enum(["kvm", "interpreter"]).nullable().describe("null until it has had a process"),
  console: z.object({
    start: z.int().describe("offset of the oldest byte that is kept"),
    end: z.int().describe("offset of the next byte"),
  }),
  configuration: machineConfigurationSchema,
}).meta({ id: "Vm" });

export type VmBody = z.infer<typeof vmSchema>;

export function describeVm(vm: Vm): VmBody {
  const { console, record, report, pid = null, backend = null } = vm;
  return {
    ...record,
    ...report !== undefined && { report },
    pid,
    backend: backend as VmBody["backend"],
    console: { start: console.start, end: console.end },
  };
}
