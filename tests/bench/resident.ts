// A process's resident memory by its /proc/PID/smaps (Linux manual page proc_pid_smaps(5)).

export interface Resident {
  /** KiB in all, mapped files included. */
  readonly all: number;
  /** KiB of it that no file holds. */
  readonly anonymous: number;
  /** KiB of it that no other process has: what one more such process takes. */
  readonly own: number;
}

/**
 * What is resident beyond the guest's RAM, which is the one mapping of that size. Throws where there is none, or
 * more than one.
 * @param ramSize KiB
 */
export function residentBeyond(smaps: string, ramSize: number): Resident {
  const mappings = mappingsOf(smaps);
  const ram = mappings.filter(({ size }) => size === ramSize);
  if (ram.length !== 1) throw new Error(`${ram.length} mappings have the guest's ${ramSize} KiB`);
  return sum(mappings.filter((mapping) => mapping !== ram[0]));
}

/** What is resident in all. */
export function resident(smaps: string): Resident {
  return sum(mappingsOf(smaps));
}

interface Mapping extends Resident {
  readonly size: number;
}

function mappingsOf(smaps: string): Mapping[] {
  const mappings = smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).filter(Boolean);
  return mappings.map((text) => ({
    size: field(text, "Size"),
    all: field(text, "Rss"),
    anonymous: field(text, "Anonymous"),
    own: field(text, "Private_Clean") + field(text, "Private_Dirty"),
  }));
}

function field(mapping: string, name: string): number {
  const value = mapping.match(new RegExp(`^${name}: +(\\d+) kB$`, "m"))?.[1];
  if (value !== undefined) return Number(value);
  throw new Error(`smaps names no ${name} of ${mapping.split("\n")[0]}`);
}

function sum(mappings: readonly Mapping[]): Resident {
  const total = (name: keyof Resident) => mappings.reduce((kib, mapping) => kib + mapping[name], 0);
  return { all: total("all"), anonymous: total("anonymous"), own: total("own") };
}
