// Records what real KVM answers: runs the list in the test bed and writes recorded/SHAPE.json.
//
//   deno run -A tests/conformance/record.ts [SHAPE...]     all shapes unless named
//
// To be run after a change to the cases, or to hold another kernel's answers up against these: look at the
// difference in recorded/ before committing it.

import { hostShapes } from "../kvm-host/host_shapes.ts";
import { askKernel } from "./real_kvm.ts";
import { holdToSource, recordingPath } from "./recordings.ts";
import { cases } from "./list.ts";

const shapes = Deno.args.length ? Deno.args : hostShapes.map(({ name }) => name);
for (const shape of shapes) {
  const { seconds, ...recording } = await askKernel(shape);
  await Deno.writeTextFile(recordingPath(shape), JSON.stringify(recording));
  console.log(`${shape}: ${Object.keys(recording.answers).length} answers in ${seconds.toFixed(1)} s`);
  for (const each of cases) {
    const answer = recording.answers[each.name];
    if (answer === undefined) continue;
    try {
      holdToSource(each, answer, recording.offer);
    } catch (error) {
      console.error(`${shape}: "${each.name}" is not what ${each.source} promises: ${error}`);
      Deno.exitCode = 1;
    }
  }
}
const format = ["fmt", "--quiet", ...shapes.map(recordingPath)];
await new Deno.Command(Deno.execPath(), { args: format }).output();
