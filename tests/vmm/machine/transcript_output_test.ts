import { assertEquals, assertMatch } from "@std/assert";
import { KVM_CHECK_EXTENSION } from "../../../vmm/kvm/ioctls.ts";
import type { TranscriptEntry } from "../../../vmm/kvm/transcript.ts";
import { withTranscript } from "../../../vmm/machine/transcript_output.ts";
import { inFolder } from "../../guest/tools.ts";
import { scriptedBackend } from "../kvm/scripted_backend.ts";
import { startIsolate } from "./isolate.ts";

Deno.test("without a target the backend is itself", () => {
  const { backend } = scriptedBackend({});
  assertEquals(withTranscript(backend, undefined), backend);
});

Deno.test("a transcript as text is a line a call, added to what its file holds", async () => {
  await inFolder(async (folder) => {
    const file = `${folder}/calls.txt`;
    await Deno.writeTextFile(file, "before\n");
    const backend = withTranscript(scriptedBackend({}).backend, { format: "text", file }, [[9, "VM"]]);
    backend.ioctl(9, KVM_CHECK_EXTENSION, 4000);
    backend.ioctl(8, KVM_CHECK_EXTENSION, 4001);
    const [before, ...lines] = (await Deno.readTextFile(file)).trimEnd().split("\n");
    assertEquals([before, lines.length], ["before", 2]);
    assertMatch(lines[0]!, /^VM: KVM_CHECK_EXTENSION\(.*4000\) = 0; ./);
    assertMatch(lines[1]!, /^descriptor 8: KVM_CHECK_EXTENSION\(.*4001\) = 0; ./);
  });
});

Deno.test("several isolates write one transcript, and no line is torn or lost", async () => {
  await inFolder(async (folder) => {
    const file = `${folder}/calls.jsonl`;
    const count = 400;
    const starts = [10_000, 20_000, 30_000];
    await Promise.all(
      starts.map((first) => startIsolate({ does: "transcribe", file, first, count }).finished),
    );
    const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
    const asked = lines.map((line) => JSON.parse(line) as TranscriptEntry)
      .map((entry) => Number(String(Object.values(entry.arguments)[0]).match(/\d+/)![0]));
    for (const first of starts) {
      const own = asked.filter((number) => number >= first && number < first + 10_000);
      assertEquals(own, Array.from({ length: count }, (_, n) => first + n));
    }
    assertEquals(lines.length, starts.length * count);
  });
});
