// Runs in the test bed: how long Machine.stop() takes when no vcpu ever exits by itself.

import { median, report, type Row } from "./row.ts";
import { createTinyMachine } from "./tiny_machine.ts";

const rounds = 7;

/** Milliseconds from `stop` to the end of every thread. */
async function stopSpinning(cpus: number): Promise<number> {
  const machine = await createTinyMachine("spin", { cpus });
  machine.start();
  const output = machine.output();
  for (let said = ""; !said.endsWith("\n");) {
    const { value, done } = await output.next();
    if (done) throw new Error("the guest ended by itself");
    said += new TextDecoder().decode(value);
  }
  const asked = performance.now();
  machine.stop();
  await machine.ended;
  const milliseconds = performance.now() - asked;
  machine.close();
  return milliseconds;
}

async function row(cpus: number): Promise<Row> {
  const measured: number[] = [];
  for (let n = 0; n < rounds; n++) measured.push(await stopSpinning(cpus));
  return {
    what: `stopping a guest that spins, ${cpus} vcpu${cpus > 1 ? "s" : ""}`,
    value: median(measured),
    unit: "ms",
    target: { of: "value", atMost: 50, where: "on real hardware" },
  };
}

report([await row(1), await row(2)]);
