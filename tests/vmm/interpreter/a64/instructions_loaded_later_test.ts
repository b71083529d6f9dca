// An engine without the vector registers' instructions, until a program comes to one.

import { assertEquals } from "@std/assert";
import { Decoder, notLoaded } from "../../../../vmm/interpreter/a64/decoder.ts";
import { instructions } from "../../../../vmm/interpreter/a64/instructions/all.ts";
import { generalInstructions, isGeneral } from "../../../../vmm/interpreter/a64/instructions/general.ts";
import { vectorInstructions } from "../../../../vmm/interpreter/a64/instructions/vector.ts";
import type { Engine } from "../../../../vmm/interpreter/a64/engine.ts";
import { engineAt, offsetOf, programOf, stateOf, Taken, thrownBy } from "./engine_at_code.ts";

const fmov = 4;
const program = [
  0xd280_00e0, // mov x0, #7
  0x9e67_0000, // fmov d0, x0
  0x1e60_0801, // fmul d1, d0, d0
  0x9e66_0002, // fmov x2, d0
  0xd400_0001, // svc #0
];

const everything = () => new Decoder(instructions, () => true);
const withoutVectors = () => new Decoder(generalInstructions, () => true, isGeneral);
const ofWhole = () => engineAt(program, true, undefined, programOf(everything()));

function ofPart() {
  const decoder = withoutVectors();
  return { decoder, engine: engineAt(program, true, undefined, programOf(decoder)) };
}

const runs = (engine: Engine) => thrownBy(() => engine.run(100));

Deno.test("the program stops before an instruction that is not loaded, as often as it is run, and goes on once it is", () => {
  const { decoder, engine } = ofPart();
  for (let n = 0; n < 2; n++) {
    assertEquals(runs(engine), notLoaded);
    assertEquals([offsetOf(engine), engine.executed, decoder.wantsMore], [fmov, 1, true]);
  }
  decoder.add(vectorInstructions);
  assertEquals(decoder.wantsMore, false);
  const whole = ofWhole();
  assertEquals([runs(engine) instanceof Taken, runs(whole) instanceof Taken], [true, true]);
  assertEquals([stateOf(engine), engine.cpu.x[2]], [stateOf(whole), 7n]);
});

Deno.test("a step of an instruction that is not loaded runs nothing", () => {
  const { decoder, engine } = ofPart();
  engine.step();
  assertEquals(thrownBy(() => engine.step()), notLoaded);
  assertEquals([offsetOf(engine), engine.executed], [fmov, 1]);
  decoder.add(vectorInstructions);
  for (let n = 0; n < 3; n++) engine.step();
  const whole = ofWhole();
  for (let n = 0; n < 4; n++) whole.step();
  assertEquals(stateOf(engine), stateOf(whole));
});

Deno.test("code with such an instruction is compiled once it is loaded", () => {
  const { decoder, engine } = ofPart();
  assertEquals([thrownBy(() => engine.compile()), engine.regions], [notLoaded, 0]);
  decoder.add(vectorInstructions);
  engine.compile();
  assertEquals(engine.regions, 1);
  assertEquals([runs(engine) instanceof Taken, engine.cpu.x[2]], [true, 7n]);
});
