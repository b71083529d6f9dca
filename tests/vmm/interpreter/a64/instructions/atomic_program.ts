// What vcpus count with, each as often as X1 says, and where it lies in their shared memory.

/** Of the code, of the counters, whose addresses are the same, and of each vcpu's state and decoded code. */
export const layout = { code: 0x1_0000, counters: 0x2_0000, vcpus: 0x10_0000, bytesOfVcpu: 0x40_0000 };

/** How many vcpus are ready to begin, a word. */
export const readyAt = 0x1000;

/** X0, X4 and X8 hold the counters' addresses, X2 one. */
export const program: readonly number[] = [
  0xf822001f, // loop: STADD X2, [X0]
  0xc85f7c83, // retry: LDXR X3, [X4]
  0x91000463, // ADD X3, X3, #1
  0xc8057c83, // STXR W5, X3, [X4]
  0x35ffffa5, // CBNZ W5, retry
  0xa9401d06, // LDP X6, X7, [X8]
  0xaa0603ea, // again: MOV X10, X6
  0xaa0703eb, // MOV X11, X7
  0x910004cc, // ADD X12, X6, #1
  0x910008ed, // ADD X13, X7, #2
  0x48267d0c, // CASP X6, X7, X12, X13, [X8]
  0xeb0a00df, // CMP X6, X10
  0xfa4b00e0, // CCMP X7, X11, #0, EQ
  0x54ffff21, // B.NE again
  0xf1000421, // SUBS X1, X1, #1
  0x54fffe21, // B.NE loop
  0x00000000, // UDF
];

/** Places of the counters, one for each kind of access; the last is a pair. */
export const counters = [0, 64, 128, 136].map((offset) => layout.counters + offset);
