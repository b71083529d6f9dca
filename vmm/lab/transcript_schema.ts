// A transcript's JSON lines, as `--transcript=FILE.jsonl` writes them and as `velum replay` and `velum negotiate
// --script` read them.

import { z } from "zod";
import type { Ioctl } from "../kvm/ioctl.ts";
import { KVM_GET_REG_LIST, KVM_SET_USER_MEMORY_REGION } from "../kvm/ioctls.ts";
import { fromHex } from "../kvm/replayable_call.ts";
import { kvm_reg_list, kvm_userspace_memory_region } from "../kvm/structs.ts";
import { RequestError } from "../kvm/request_error.ts";
import { ioctlNamed, isIoctlName } from "./ioctl_names.ts";
import { parseJsonInput } from "./json_input.ts";

const bytes = z.string().regex(/^([0-9a-f]{2})*$/, "bytes as pairs of hexadecimal digits");
const block = z.string().regex(/^0x[0-9a-f]{1,16}$/, 'the name of an allocation, an address as "0x10000"');
const count = z.int().min(0);
const told = z.record(z.string(), z.union([z.string(), z.number()]));

/** No guest of a transcript has more: what `--transcript` writes of larger ones is not their memory. */
const mostMemory = 2 ** 40;

const callSchema = z.strictObject({
  fd: count.max(2 ** 31),
  made: count.max(2 ** 31).optional(),
  argument: z.union([z.int().min(0).max(2 ** 32 - 1), bytes]),
  pointee: z.union([bytes, count.max(2 ** 24)]).optional(),
  gave: bytes.optional(),
  memory: z.strictObject({ block, size: count.max(mostMemory), offset: count, isKept: z.boolean() })
    .optional(),
  run: z.strictObject({
    immediateExit: z.boolean(),
    answered: bytes.optional(),
    pages: z.array(z.strictObject({ block, offset: count, bytes })),
  }).optional(),
});

export const transcriptLineSchema = z.strictObject({
  handle: z.string(),
  ioctl: z.string().refine(isIoctlName, "the name of a call that Velum makes, as KVM_RUN"),
  arguments: told,
  gives: told,
  answer: z.union([z.int(), z.string()]),
  meaning: z.string(),
  call: callSchema,
  expect: z.union([z.int(), z.string()]).optional(),
}).superRefine(({ ioctl: name, call }, context) => {
  const fault = faultOf(isIoctlName(name) ? ioctlNamed(name) : undefined, call);
  if (fault) context.addIssue({ code: "custom", path: ["call", fault.member], message: fault.message });
});

/** What keeps the call's bytes from being the ioctl's. */
function faultOf(ioctl: Ioctl | undefined, { argument, pointee, memory }: z.infer<typeof callSchema>) {
  if (!ioctl) return undefined;
  const takesBytes = typeof ioctl.argument === "object";
  if (takesBytes !== (typeof argument === "string")) {
    return { member: "argument", message: takesBytes ? "the bytes of a structure" : "an integer" };
  }
  if (typeof argument === "string" && argument.length < 2 * (ioctl.argument as { size: number }).size) {
    return { member: "argument", message: `${(ioctl.argument as { size: number }).size} bytes at least` };
  }
  if (pointee !== undefined && ioctl.pointer === undefined) {
    return { member: "pointee", message: "nothing, as the call points to nothing" };
  }
  if (ioctl === KVM_GET_REG_LIST && !hasRoomForList(argument as string)) {
    return { member: "argument", message: "room for as many register ids as it says" };
  }
  if (!memory) return undefined;
  const isWithin = ioctl === KVM_SET_USER_MEMORY_REGION &&
    memory.offset + regionSize(argument as string) <= memory.size;
  return isWithin ? undefined : { member: "memory", message: "a place within its allocation" };
}

const regionSize = (hex: string) => Number(kvm_userspace_memory_region.unpack(fromHex(hex)).memory_size);

/** The kernel believes the list's own count. */
function hasRoomForList(hex: string): boolean {
  const { n } = kvm_reg_list.unpack(fromHex(hex));
  return n <= BigInt(hex.length / 16 - 1);
}

export type TranscriptLine = z.infer<typeof transcriptLineSchema>;

/** The lines with their numbers, from 1; empty ones have none. Throws RequestError naming `field`. */
export function parseTranscript(field: string, file: string, text: string): [number, TranscriptLine][] {
  const lines = text.split("\n").map((line, index): [number, string] => [index + 1, line.trim()]);
  const parsed = lines.filter(([, line]) => line !== "").map(([number, line]): [number, TranscriptLine] => {
    const where = `${file}:${number}`;
    return [
      number,
      parseJsonInput(transcriptLineSchema, line, field, where, "a line of a transcript that can be replayed"),
    ];
  });
  if (parsed.length) return parsed;
  throw new RequestError(field, `${file} is empty; --transcript=FILE.jsonl writes what can be replayed`);
}
