// SVE's loads, stores and prefetches (Arm DDI 0487, "SVE encodings", "SVE Memory" groups).

import type { Definition } from "../definition.ts";
import { sveGather } from "./sve_gather.ts";
import { sveLoadFirstFault } from "./sve_load_first_fault.ts";
import { sveLoadReplicate } from "./sve_load_replicate.ts";
import { sveLoadStoreContiguous } from "./sve_load_store_contiguous.ts";
import { sveLoadStoreRegister } from "./sve_load_store_register.ts";
import { svePrefetch } from "./sve_prefetch.ts";
import { sveStructures } from "./sve_structures.ts";

export const sveMemory: readonly Definition[] = [
  ...sveLoadStoreRegister,
  ...sveLoadStoreContiguous,
  ...sveLoadFirstFault,
  ...sveStructures,
  ...sveLoadReplicate,
  ...sveGather,
  ...svePrefetch,
];
