// Options that say what vcpus are to be: features one by one, or all of it from a file.

import type { Options } from "./options.ts";

export const featureOptions: Options = {
  sve: {
    value: "LENGTHS",
    help: "vector lengths: off, auto (the host's), max=BITS, or an exact set as 128,256",
  },
  ptrauth: { value: "SWITCH", help: "pointer authentication: on, off, auto" },
  pmu: { value: "SWITCH", help: "performance monitors: on, off, auto" },
};

export const vcpuOptions: Options = {
  ...featureOptions,
  "cpu-template": {
    value: "FILE",
    help:
      "a CPU template of Firecracker's, applied to the features of the options above; those not named are off",
  },
  config: { value: "FILE", help: "all of that and ID registers too, as velum baseline --write wrote it" },
};
