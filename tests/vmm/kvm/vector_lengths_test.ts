// Vector lengths as the words of KVM_REG_ARM64_SVE_VLS, by the document's own rule for reading them.

import { assertEquals } from "@std/assert";
import {
  acceptableSets,
  formatLengths,
  lengthsOfVls,
  sameLengths,
  vlsOfLengths,
} from "../../../vmm/kvm/vector_lengths.ts";
import { seededRandom } from "../../devices/random.ts";

/** The document's expression, in its own terms: vector_lengths[(vq - VQ_MIN) / 64] >> ((vq - VQ_MIN) % 64) & 1. */
function supports(vls: Uint8Array<ArrayBuffer>, vq: number): boolean {
  const vector_lengths = new BigUint64Array(vls.buffer);
  const word = vector_lengths[Math.floor((vq - 1) / 64)] ?? 0n;
  return (word >> BigInt((vq - 1) % 64) & 1n) === 1n;
}

function wordsOf(...words: bigint[]): Uint8Array<ArrayBuffer> {
  const vls = new BigUint64Array(8);
  vls.set(words);
  return new Uint8Array(vls.buffer);
}

const observed: readonly (readonly [vls: bigint, lengths: readonly number[]])[] = [
  [0xffffn, [128, 256, 384, 512, 640, 768, 896, 1024, 1152, 1280, 1408, 1536, 1664, 1792, 1920, 2048]],
  [0xfn, [128, 256, 384, 512]],
  [0xbn, [128, 256, 512]],
  [0x1n, [128]],
  [0x0n, []],
];

for (const [vls, lengths] of observed) {
  Deno.test(`VLS 0x${vls.toString(16)} names ${formatLengths(lengths)}`, () => {
    assertEquals(lengthsOfVls(wordsOf(vls)), lengths);
    assertEquals(vlsOfLengths(lengths), wordsOf(vls));
  });
}

Deno.test("any set of up to 512 quadwords reads as the document says", () => {
  const random = seededRandom(2);
  for (let round = 0; round < 100; round++) {
    const vls = Uint8Array.from({ length: 64 }, () => random.word() & random.word() & 0xff);
    const expected = Array.from({ length: 512 }, (_, index) => index + 1).filter((vq) => supports(vls, vq));
    assertEquals(lengthsOfVls(vls), expected.map((vq) => 128 * vq));
    assertEquals(vlsOfLengths(lengthsOfVls(vls)), vls);
  }
});

Deno.test("a host accepts its own set up to each of its lengths, and nothing else", () => {
  assertEquals(acceptableSets([128, 256, 512]), [[128], [128, 256], [128, 256, 512]]);
  assertEquals(acceptableSets([]), []);
});

Deno.test("sets of lengths are told in bits", () => {
  assertEquals(formatLengths([128, 256]), "{128, 256} bits");
  assertEquals(formatLengths([]), "none");
});

Deno.test("sets are the same when they have the same lengths", () => {
  assertEquals(sameLengths([128, 256], [128, 256]), true);
  assertEquals(sameLengths([], []), true);
  assertEquals(sameLengths([128, 256], [128]), false);
  assertEquals(sameLengths([128], [128, 256]), false);
  assertEquals(sameLengths([128, 384], [128, 256]), false);
});
