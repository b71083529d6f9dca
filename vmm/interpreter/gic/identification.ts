// The distributor's registers that tell what it is (Arm IHI 0069, "GICD_TYPER, Interrupt Controller Type
// Register", and IHI 0048, "Interrupt Controller Type Register").

import type { Gic } from "./gic.ts";

const GICD_TYPER = 0x4n;
const offsetField = 0xffff_ffffn;
/** GICD_TYPER.IDbits: bits of an interrupt's number, less 1. */
const tenBits = 9 << 19;

/** The register at an attribute's offset, if it is one of these. */
export function identification(gic: Gic, attr: bigint): number | undefined {
  if ((attr & offsetField) !== GICD_TYPER) return undefined;
  const lines = gic.interrupts / 32 - 1;
  return gic.version === "v3" ? tenBits | lines : (gic.vm.vcpus.size - 1 & 7) << 5 | lines;
}
