// Firecracker's custom CPU templates for arm64 (its documentation, "CPU templates" and "Custom CPU templates language
// schema"): which capabilities are checked, which features a vcpu is initialised with, and which registers are
// changed after it is finalized and before the boot protocol sets its own.

import { z } from "zod";
import type { CpuTemplate, RegisterModifier } from "../kvm/cpu_template.ts";
import { KVM_REG_ARM64_SVE_VLS, registerIdOf, registerName, registerSize } from "../kvm/register_id.ts";
import type { FeatureBits } from "./cpu_template_features.ts";
import { parseJsonInput } from "./json_input.ts";

const mostRegisterBits = 128;
const featureWordCount = 7;
const wordBits = 32;

const ofX86 = z.never({ error: "belongs to x86-64's templates, and this vcpu is an arm64 one" }).optional();

const capability = z.string().regex(/^!?\d{1,9}$/, 'a capability\'s number in decimal, as "171", or "!171"');

/** `0b1x0`: set, left as it is, cleared; digits that are missing on the left are x, and _ separates. */
const bitmap = (most: number) =>
  z.string().regex(/^0b[01x_]*[01x][01x_]*$/, { error: 'a bitmap of 0, 1 and x, as "0bxx01"', abort: true })
    .refine((text) => digitsOf(text).length <= most, {
      error: `a bitmap of at most ${most} bits`,
      abort: true,
    })
    .transform(parseBitmap);

const digitsOf = (text: string) => text.slice(2).replaceAll("_", "");

function parseBitmap(text: string): { mask: bigint; value: bigint } {
  const digits = digitsOf(text);
  return {
    mask: BigInt("0b" + digits.replaceAll("0", "1").replaceAll("x", "0")),
    value: BigInt("0b" + digits.replaceAll("x", "0")),
  };
}

const address = z.string().regex(
  /^0x60[0-9a-f]{14}$/i,
  { error: 'an arm64 register\'s id for KVM_SET_ONE_REG, as "0x603000000013c020"', abort: true },
).transform((text) => registerIdOf(BigInt(text)));

const registerModifier = z.strictObject({ addr: address, bitmap: bitmap(mostRegisterBits) })
  .superRefine(({ addr, bitmap }, context) => {
    const fault = faultOf(addr, bitmap.value);
    if (fault) context.addIssue({ code: "custom", path: ["addr"], message: fault });
  });

/** What this format cannot change of a register, as a clause. */
function faultOf(id: RegisterModifier["id"], value: bigint): string | undefined {
  if (id === KVM_REG_ARM64_SVE_VLS) {
    return "a template's registers are written after KVM_ARM_VCPU_FINALIZE, and KVM_REG_ARM64_SVE_VLS can be " +
      "written before it only; choose vector lengths with --sve";
  }
  const bits = 8 * registerSize(id);
  const name = `the register ${registerName(id)}`;
  if (bits > mostRegisterBits) {
    return `${name} has ${bits} bits, and a template's bitmap at most ${mostRegisterBits}`;
  }
  return value >> BigInt(bits) ? `${name} has ${bits} bits, and the bitmap sets one beyond them` : undefined;
}

const cpuTemplateSchema = z.strictObject({
  kvm_capabilities: z.array(capability).default([]),
  vcpu_features: z.array(z.strictObject({
    index: z.int().min(0).max(featureWordCount - 1),
    bitmap: bitmap(wordBits),
  })).default([]),
  reg_modifiers: z.array(registerModifier).default([]),
  cpuid_modifiers: ofX86,
  msr_modifiers: ofX86,
});

export interface ParsedTemplate extends CpuTemplate {
  readonly features: FeatureBits;
}

/** Throws RequestError naming the field `cpu-template`. */
export function parseCpuTemplate(file: string, text: string): ParsedTemplate {
  const parsed = parseJsonInput(
    cpuTemplateSchema,
    text,
    "cpu-template",
    file,
    "a CPU template for arm64 in Firecracker's format",
  );
  const numbers = (pattern: RegExp) =>
    parsed.kvm_capabilities.filter((text) => pattern.test(text)).map((text) => Number(text.replace("!", "")));
  const removed = numbers(/^!/);
  const words = (member: "mask" | "value") =>
    parsed.vcpu_features.reduce(
      (all, { index, bitmap }) => all | bitmap[member] << BigInt(wordBits * index),
      0n,
    );
  return {
    capabilities: numbers(/^\d/).filter((number) => !removed.includes(number)),
    features: { mask: words("mask"), value: words("value") },
    registers: parsed.reg_modifiers.map(({ addr, bitmap }) => ({ id: addr, ...bitmap })),
  };
}
