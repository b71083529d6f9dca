// All of "Loads and Stores" (Arm DDI 0487, "A64 instruction set encoding").

import type { Definition } from "../definition.ts";
import { atomicMemory } from "./atomic_memory.ts";
import { compareAndSwapInstructions } from "./compare_and_swap.ts";
import { loadAuthenticated } from "./load_authenticated.ts";
import { loadLiteral } from "./load_literal.ts";
import { loadReplicatedStructure } from "./load_replicated_structure.ts";
import { loadStoreExclusive } from "./load_store_exclusive.ts";
import { loadStoreIndexed } from "./load_store_indexed.ts";
import { loadStoreMultipleStructures } from "./load_store_multiple_structures.ts";
import { loadStoreOrdered } from "./load_store_ordered.ts";
import { loadStoreOrderedUnscaled } from "./load_store_ordered_unscaled.ts";
import { loadStorePair } from "./load_store_pair.ts";
import { loadStoreRegisterOffset } from "./load_store_register_offset.ts";
import { loadStoreSingleStructure } from "./load_store_single_structure.ts";
import { loadStoreUnprivileged } from "./load_store_unprivileged.ts";
import { loadStoreUnscaled } from "./load_store_unscaled.ts";
import { loadStoreUnsignedImmediate } from "./load_store_unsigned_immediate.ts";
import { prefetches } from "./prefetch.ts";

export const loadStoreInstructions: readonly Definition[] = [
  ...loadStoreUnsignedImmediate,
  ...loadStoreUnscaled,
  ...loadStoreIndexed,
  ...loadStoreRegisterOffset,
  ...loadStoreUnprivileged,
  ...loadLiteral,
  ...loadAuthenticated,
  ...loadStorePair,
  ...prefetches,
  ...loadStoreExclusive,
  ...loadStoreOrdered,
  ...loadStoreOrderedUnscaled,
  ...compareAndSwapInstructions,
  ...atomicMemory,
  ...loadStoreMultipleStructures,
  ...loadStoreSingleStructure,
  ...loadReplicatedStructure,
];
