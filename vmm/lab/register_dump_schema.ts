// A dump of registers as `velum regs --json` writes it and `velum regs diff` reads it.

import { z } from "zod";
import { parseJsonInput } from "./json_input.ts";

const hexadecimal = z.string().regex(/^0x[0-9a-f]{1,512}$/i, 'a hexadecimal number as "0x1f"');

export const registerDumpSchema = z.strictObject({
  schema: z.literal("velum/registers/1"),
  backend: z.enum(["kvm", "interpreter"]),
  at: z.string().describe("where the guest stood"),
  vcpus: z.array(z.strictObject({
    vcpu: z.int().min(0),
    registers: z.array(z.strictObject({ name: z.string(), value: hexadecimal, says: z.string() })),
  })).min(1),
});

export type RegisterDump = z.infer<typeof registerDumpSchema>;

/** Throws RequestError naming the field `dump`. */
export const parseRegisterDump = (file: string, text: string): RegisterDump =>
  parseJsonInput(
    registerDumpSchema,
    text,
    "dump",
    file,
    "a dump of registers as velum regs --json writes it",
  );
