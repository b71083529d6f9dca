// Which bits of a pointer are address, tag and code, in the EL1&0 translation regime: Arm DDI 0487, TCR_EL1
// and the shared pseudocode "CalculateBottomPACBit" and "EffectiveTBI". It changes with TCR_EL1 only. The
// regimes of EL2 and EL3 are not here: guests run at EL1 and EL0.

/** Where bits 63..56 go, and the lowest bit of the code, for each half of the address space. */
export interface PointerLayout {
  /** Top byte ignored, for addresses with bit 55 zero and one. */
  readonly tbi0: boolean;
  readonly tbi1: boolean;
  /** CalculateBottomPACBit, likewise: 64 - TxSZ. */
  readonly bottomPacBit0: bigint;
  readonly bottomPacBit1: bigint;
}

/** What of the memory system the layout depends on, from the ID registers. */
export interface AddressSizes {
  /** FEAT_TTST: TxSZ may be up to 48, or 47 with 64 KiB granules; else 39. */
  readonly smallTranslationTables: boolean;
  /** FEAT_LVA: 52 bits with 64 KiB granules. */
  readonly largeWith64k: boolean;
  /** FEAT_LPA2: 52 bits with 4 and 16 KiB granules where TCR_EL1.DS is one. */
  readonly largeWithDs: boolean;
}

const bit = (register: bigint, at: bigint) => (register >> at & 1n) === 1n;
const field = (register: bigint, at: bigint, mask: bigint) => Number(register >> at & mask);

const TG0_64K = 1;
const TG1_64K = 3;

/**
 * `tcr` is TCR_EL1. Data pointers (PACDA, PACDB, XPACD) and instruction pointers differ by TBID alone. A TxSZ
 * out of range counts as the nearest in range (the manual's Constraint_FORCE).
 */
export function pointerLayout(tcr: bigint, isData: boolean, sizes: AddressSizes): PointerLayout {
  const ds = bit(tcr, 59n);
  const t0sz = field(tcr, 0n, 0x3fn);
  const t1sz = field(tcr, 16n, 0x3fn);
  return {
    tbi0: bit(tcr, 37n) && (isData || !bit(tcr, 51n)),
    tbi1: bit(tcr, 38n) && (isData || !bit(tcr, 52n)),
    bottomPacBit0: bottomPacBit(t0sz, field(tcr, 14n, 3n) === TG0_64K, ds, sizes),
    bottomPacBit1: bottomPacBit(t1sz, field(tcr, 30n, 3n) === TG1_64K, ds, sizes),
  };
}

function bottomPacBit(tsz: number, using64k: boolean, ds: boolean, sizes: AddressSizes): bigint {
  const most = sizes.smallTranslationTables ? (using64k ? 47 : 48) : 39;
  const isLarge = using64k ? sizes.largeWith64k : sizes.largeWithDs && ds;
  const least = isLarge ? 12 : 16;
  return BigInt(64 - Math.max(least, Math.min(most, tsz)));
}
