// Options that several commands share.

import type { Options } from "./options.ts";

export const backendOptions: Options = {
  backend: { value: "BACKEND", help: "what stands behind the KVM API: auto, kvm, interpreter" },
  transcript: {
    value: "FILE",
    optional: true,
    help: "print every call to KVM, its answer and its meaning, on stderr or in FILE",
  },
  "transcript-format": {
    value: "FORMAT",
    help: "text or json (a JSON object a line); a FILE ending in .jsonl has json",
  },
};

export const hostOptions: Options = {
  host: {
    value: "HOST",
    help: "what the interpreter pretends to be: a host that velum hosts names, or a JSON file (max)",
  },
};
