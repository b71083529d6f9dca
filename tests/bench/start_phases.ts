// Does what the CLI does to start a guest, in a fresh process, and prints what each step took, as JSON.
// Argument: when the process was started, in milliseconds since 1970.

/** Seconds. */
export interface StartPhases {
  readonly deno: number;
  readonly modules: number;
  readonly machine: number;
  readonly worker: number;
}

if (import.meta.main) {
  const now = () => performance.timeOrigin + performance.now();
  const marks = [Number(Deno.args[0]), now()];
  const { createTinyMachine } = await import("./tiny_machine.ts");
  marks.push(now());
  const machine = await createTinyMachine("spin");
  marks.push(now());
  machine.start();
  await machine.output().next();
  marks.push(now());
  const [deno, modules, monitor, worker] = marks.slice(1).map((mark, index) => (mark - marks[index]!) / 1000);
  console.log(JSON.stringify({ deno, modules, machine: monitor, worker }));
  Deno.exit(0);
}
