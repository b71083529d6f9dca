// The host's counter, from which guests' counters are derived (Arm DDI 0487, "The Generic Timer in AArch64
// state").

/** Ticks since some moment. */
export type Clock = () => bigint;

/** What CNTFRQ_EL0 tells in the test bed: ticks of a second. */
export const frequency = 62_500_000;

/** Every thread counts from when it began itself: this is the counter of the one that began at `timeOrigin`. */
export function clockSince(timeOrigin: number): Clock {
  const before = performance.timeOrigin - timeOrigin;
  return () => BigInt(Math.floor((before + performance.now()) * (frequency / 1000)));
}

export const hostClock: Clock = clockSince(performance.timeOrigin);
