// What the hashes share: Arm DDI 0487, shared pseudocode "ROL", "SHAchoose", "SHAmajority", "SHAparity". The
// results are 32 bits, signed or not: they are stored in an Uint32Array in the end.

export const rol = (word: number, by: number) => word << by | word >>> 32 - by;
export const choose = (x: number, y: number, z: number) => (y ^ z) & x ^ z;
export const majority = (x: number, y: number, z: number) => x & y | (x | y) & z;
export const parity = (x: number, y: number, z: number) => x ^ y ^ z;
