// The calls of the contract by the names that transcripts have of them.

import type { Ioctl } from "../kvm/ioctl.ts";
import * as ioctls from "../kvm/ioctls.ts";

const byName: ReadonlyMap<string, Ioctl> = new Map(
  (Object.values(ioctls) as Ioctl[]).map((ioctl) => [ioctl.name, ioctl]),
);

export const isIoctlName = (name: string): boolean => byName.has(name);

/** Of a name that `isIoctlName` knows. */
export const ioctlNamed = (name: string): Ioctl => byName.get(name)!;
