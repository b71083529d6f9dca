// The host's counter, from which guests' counters are derived (Arm DDI 0487, "The Generic Timer in AArch64
// state").

/** Ticks since some moment. */
export type Clock = () => bigint;

/** What CNTFRQ_EL0 tells in the test bed: ticks of a second. */
const frequency = 62_500_000;

export const hostClock: Clock = () => BigInt(Math.floor(performance.now() * (frequency / 1000)));
