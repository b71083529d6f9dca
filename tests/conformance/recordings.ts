// What the kernel answered on each host shape of the test bed, kept in recorded/SHAPE.json, and how a backend
// is held to it.

import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import type { HostOffer } from "../../vmm/kvm/host_offer.ts";
import type { Answer, Case } from "./case.ts";
import { type Answers, cases } from "./list.ts";

export interface Recording extends Answers {
  /** The kernel that answered, as `uname -r` says it. */
  readonly kernel: string;
}

export function recordingPath(shape: string): string {
  return fromFileUrl(new URL(`recorded/${shape}.json`, import.meta.url));
}

/** Throws Deno.errors.NotFound where the shape was never recorded. */
export async function readRecording(shape: string): Promise<Recording> {
  return JSON.parse(await Deno.readTextFile(recordingPath(shape)));
}

/** Throws an AssertionError where an answer is not what the case's source promises. */
export function holdToSource(
  { check, expected, source, differs }: Case,
  answer: Answer,
  offer: HostOffer,
): void {
  if (check) check(answer, offer);
  else assertEquals(answer, expected!(offer), differs ?? `stated by: ${source}`);
}

/** Holds a backend's answers to the recording of a shape and to each case's source, a step for each case. */
export async function holdToRecording(
  t: Deno.TestContext,
  said: Answers,
  recording: Recording,
): Promise<void> {
  await t.step("the host offers what was recorded", () => assertEquals(said.offer, recording.offer));
  await t.step("the cases are those that were recorded", () => {
    assertEquals(Object.keys(said.answers), Object.keys(recording.answers));
  });
  await t.step("each call's errors are those that were recorded", () => {
    assertEquals(said.errors, recording.errors);
  });
  for (const each of cases) {
    const answer = said.answers[each.name];
    if (answer === undefined) continue;
    await t.step(each.name, () => {
      holdToSource(each, answer, said.offer);
      assertEquals(answer, recording.answers[each.name]);
    });
  }
}
