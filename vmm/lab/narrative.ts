// A negotiation as a story: each call with its answer, what the document says of it, and why it comes where it comes.

import { capabilities, type Capability } from "../kvm/capabilities.ts";
import { formatCall, type TranscriptEntry } from "../kvm/transcript.ts";
import { ioctlNamed } from "./ioctl_names.ts";

export interface Chapter {
  readonly title: string;
  readonly steps: readonly TranscriptEntry[];
  /** By ioctl. */
  readonly reasons: Readonly<Record<string, (entry: TranscriptEntry) => string>>;
}

export interface Step extends TranscriptEntry {
  readonly chapter: string;
  readonly says: string;
  readonly whyNow: string;
}

const isVls = ({ arguments: { register } }: TranscriptEntry) => register === "KVM_REG_ARM64_SVE_VLS";
const sve = "KVM_ARM_VCPU_SVE";
const hasSve = ({ arguments: { features } }: TranscriptEntry) => String(features).includes(sve);

/** Why a monitor asks what it asks before it makes its own VM. */
const asking: Chapter["reasons"] = {
  KVM_GET_API_VERSION: () =>
    "It is the first call of all: what any other call means is the matter of the API's version",
  KVM_CHECK_EXTENSION: ({ arguments: { capability } }) =>
    `Nothing is asked of a host before its capability is known; this one tells: ${tells(String(capability))}`,
  KVM_CREATE_VM: () =>
    "Some questions only a VM can answer, or a vcpu; this VM is made for them and closed when they are answered",
  KVM_GET_VCPU_MMAP_SIZE: () =>
    "A vcpu will be run through a page it shares with the monitor, whose size is this",
  KVM_ARM_PREFERRED_TARGET: () => "KVM_ARM_VCPU_INIT will need it, for the vcpu of the next question",
  KVM_CREATE_VCPU: () => "A vcpu to put the question of the vector lengths to",
  KVM_ARM_VCPU_INIT: () =>
    "With SVE, because initialisation is what sets KVM_REG_ARM64_SVE_VLS to all that the host has",
  KVM_GET_ONE_REG: (entry) =>
    isVls(entry)
      ? "Between KVM_ARM_VCPU_INIT and KVM_ARM_VCPU_FINALIZE this is the host's whole set, which no capability tells"
      : "A register of the vcpu made for questions",
  KVM_CREATE_DEVICE: () => "Only to test which interrupt controllers the VM could have: none is made",
};

/** Why the calls that make the vcpus come in their order. */
const performing: Chapter["reasons"] = {
  KVM_CREATE_VM: () => "The vcpus need a VM to live in; all that was learned of the host is known by now",
  KVM_GET_VCPU_MMAP_SIZE: asking.KVM_GET_VCPU_MMAP_SIZE!,
  KVM_ARM_PREFERRED_TARGET: () => "The target must be known before KVM_ARM_VCPU_INIT, which takes it",
  KVM_CREATE_VCPU: () =>
    "It must be there before anything can be asked of it; so far it takes one call only, its initialisation",
  KVM_ARM_VCPU_INIT: (entry) =>
    "All features are asked for here and now, both halves of pointer authentication together: no later call adds one" +
    (hasSve(entry) ? "; as SVE is among them, the vcpu is not complete before KVM_ARM_VCPU_FINALIZE" : ""),
  KVM_GET_ONE_REG: () =>
    "Right after initialisation the register has the host's set, and what the vcpu is to have is compared with it",
  KVM_SET_ONE_REG: (entry) =>
    isVls(entry)
      ? "The set differs from the host's, and this is the only time it can be written: initialised, not finalized"
      : "ID registers are the VM's, and constant once a vcpu of it has run, so they are written before",
  KVM_ARM_VCPU_FINALIZE: () =>
    "The lengths are as they are to be; from here on they are constant, Z, P and FFR are there, and the vcpu can run",
};

/** Why the finished vcpus are asked what they are asked. */
const reading: Chapter["reasons"] = {
  KVM_GET_ONE_REG: (entry) =>
    isVls(entry)
      ? "The set that the vcpu has in the end, constant now"
      : "What the guest will read there follows from the features, so it is looked at last",
  KVM_GET_REG_LIST: ({ answer }) =>
    typeof answer === "string"
      ? "The list exists only now that every feature is finalized; asked with room for none, it tells how long it is"
      : "And again, with room for as many",
};

const tells = (name: string) => capabilities[name as Capability]?.tells ?? "nothing that Velum uses";

/** @param asked @param performed @param read the calls of each part of the story */
export function chaptersOf(
  asked: readonly TranscriptEntry[],
  performed: readonly TranscriptEntry[],
  read: readonly TranscriptEntry[],
): Chapter[] {
  return [
    { title: "What the host offers", steps: asked, reasons: asking },
    { title: "Making the vcpus", steps: performed, reasons: performing },
    { title: "What they have become", steps: read, reasons: reading },
  ];
}

export const narrate = (chapters: readonly Chapter[]): Step[] =>
  chapters.flatMap(({ title, steps, reasons }) =>
    steps.map((entry) => ({
      ...entry,
      chapter: title,
      says: ioctlNamed(entry.ioctl).says,
      whyNow: reasons[entry.ioctl]?.(entry) ?? "It is part of no order that the document prescribes",
    }))
  );

/** The whole story as lines of at most `width` characters, but for the calls themselves. */
export function formatNarrative(steps: readonly Step[], width: number): string {
  const said = new Set<string>();
  const lines: string[] = [];
  steps.forEach((step, index) => {
    if (step.chapter !== steps[index - 1]?.chapter) lines.push(...index ? [""] : [], step.chapter);
    lines.push("", `${String(index + 1).padStart(4)}. ${formatCall(step)}`);
    const paragraphs = [
      ...typeof step.answer === "string" ? [`${step.answer}: ${step.meaning}.`] : [],
      // What the document says of a call is told once.
      ...said.has(step.ioctl) ? [] : [`It ${ioctlNamed(step.ioctl).does}. ${step.says}.`],
      `Why now: ${lowerFirst(step.whyNow)}.`,
    ];
    said.add(step.ioctl);
    paragraphs.forEach((text) =>
      lines.push(...wrap(text, width - indent.length).map((line) => indent + line))
    );
  });
  return lines.join("\n");
}

const indent = " ".repeat(6);

/** An identifier stays as it is. */
const lowerFirst = (text: string) =>
  /^[A-Z][A-Z_]/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}
