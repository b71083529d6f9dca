// Where the device tree and the initrd go beside the kernel, as pure arithmetic.
// Linux Documentation/arch/arm64/booting.rst, "Setup the device tree" and "Call the kernel image".

import { GuestImageError } from "./guest_error.ts";
import { alignDown, alignUp, formatSize, GiB, KiB, MiB, type Ram, tooLittleMemory } from "./ram.ts";

export const MAX_DEVICE_TREE_SIZE = 2 * MiB;

// At a 2 MiB boundary a tree of at most 2 MiB crosses none, which kernels before 4.2 ask for.
const DEVICE_TREE_ALIGNMENT = 2 * MiB;

// The largest page a kernel may be built with.
const INITRD_ALIGNMENT = 64 * KiB;

// The initrd and the kernel lie within one 1 GiB-aligned window of this size.
const WINDOW_ALIGNMENT = 1 * GiB;
const WINDOW_SIZE = 32 * GiB;

/** `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Sizes in bytes; no `initrdSize`, no initrd. */
export interface Contents {
  readonly kernel: Span;
  readonly deviceTreeSize: number;
  readonly initrdSize?: number | undefined;
}

export interface Layout {
  readonly deviceTree: Span;
  readonly initrd?: Span;
}

/**
 * The device tree goes as low as it can: to the base of RAM when the kernel leaves room there, which is where
 * bare-metal programs for QEMU's virt machine look for it. The initrd goes after the kernel and the tree, or
 * below the kernel when there is no room above. Throws GuestImageError when they do not fit.
 */
export function layOut(contents: Contents, ram: Ram): Layout {
  const { kernel, deviceTreeSize, initrdSize } = contents;
  checkSizes(contents);
  const below: Span = { start: ram.base, end: kernel.start };
  const above: Span = { start: kernel.end, end: ram.base + ram.size };
  const deviceTree = fit(deviceTreeSize, DEVICE_TREE_ALIGNMENT, [below, above]);
  if (deviceTree === undefined) throw doesNotFit(contents, ram);
  if (initrdSize === undefined) return { deviceTree };

  const window = alignDown(kernel.start, WINDOW_ALIGNMENT);
  const gaps = [without(above, deviceTree), without(below, deviceTree)]
    .map(({ start, end }) => ({ start: Math.max(start, window), end: Math.min(end, window + WINDOW_SIZE) }));
  const initrd = fit(initrdSize, INITRD_ALIGNMENT, gaps);
  if (initrd === undefined) throw doesNotFit(contents, ram);
  return { deviceTree, initrd };
}

function checkSizes({ deviceTreeSize, initrdSize }: Contents): void {
  if (initrdSize === 0) {
    throw new GuestImageError("the initrd is an empty file; give an initramfs archive or none");
  }
  checkDeviceTreeSize(deviceTreeSize);
}

/** Throws GuestImageError for a tree larger than a kernel must be able to map. */
export function checkDeviceTreeSize(size: number): void {
  if (size <= MAX_DEVICE_TREE_SIZE) return;
  throw new GuestImageError(
    `the device tree is ${formatSize(size)} long; it may be at most ${formatSize(MAX_DEVICE_TREE_SIZE)}`,
  );
}

/** The lowest aligned place in the first gap that has one. */
function fit(size: number, alignment: number, gaps: readonly Span[]): Span | undefined {
  for (const gap of gaps) {
    const start = alignUp(gap.start, alignment);
    if (start + size <= gap.end) return { start, end: start + size };
  }
  return undefined;
}

/** What is left of `gap` after `taken`, which if inside it lies at its start. */
function without(gap: Span, taken: Span): Span {
  const inside = taken.start >= gap.start && taken.end <= gap.end;
  return inside ? { start: taken.end, end: gap.end } : gap;
}

function doesNotFit({ kernel, initrdSize = 0 }: Contents, ram: Ram): GuestImageError {
  const treeEnd = alignUp(kernel.end, DEVICE_TREE_ALIGNMENT) + MAX_DEVICE_TREE_SIZE;
  const needed = treeEnd + alignUp(initrdSize, INITRD_ALIGNMENT) - ram.base;
  const kernelPart = `a kernel of ${formatSize(kernel.end - kernel.start)}`;
  if (initrdSize === 0) return tooLittleMemory(`${kernelPart} and its device tree do not fit`, needed, ram);
  const problem = `an initrd of ${formatSize(initrdSize)} and ${kernelPart} do not fit`;
  if (needed > ram.size) return tooLittleMemory(problem, needed, ram);
  return new GuestImageError(
    `${problem} in the ${formatSize(WINDOW_SIZE)} that Linux reaches; give a smaller initrd`,
  );
}
