// What can be asked for a vcpu, as text: every form that is understood, every malformed one refused by name.

import { assertEquals, assertThrows } from "@std/assert";
import {
  formatSve,
  parseSve,
  parseSwitch,
  type SveRequest,
  type Switch,
} from "../../../vmm/kvm/feature_request.ts";
import { RequestError } from "../../../vmm/kvm/request_error.ts";

const wellFormed: Record<string, SveRequest> = {
  off: { kind: "off" },
  auto: { kind: "auto" },
  "max=128": { kind: "max", bits: 128 },
  "max=2048": { kind: "max", bits: 2048 },
  "128": { kind: "exact", lengths: [128] },
  "128,256": { kind: "exact", lengths: [128, 256] },
  "512,128,1024,256": { kind: "exact", lengths: [128, 256, 512, 1024] },
};

for (const [text, request] of Object.entries(wellFormed)) {
  Deno.test(`--sve ${text} is understood`, () => assertEquals(parseSve(text), request));
}

const notALength = "is not a vector length in bits; what can be asked of SVE is off, auto, max=BITS, or";
const notAMultiple = "is not a vector length: lengths are multiples of 128 from 128 to 2048 bits";

const malformed: Record<string, string> = {
  "": `"" ${notALength}`,
  " ": `" " ${notALength}`,
  "on": `"on" ${notALength}`,
  "Auto": `"Auto" ${notALength}`,
  "128, 256": `" 256" ${notALength}`,
  " 128": `" 128" ${notALength}`,
  "128\n": `"128\n" ${notALength}`,
  "128,": `"" ${notALength}`,
  ",": `"" ${notALength}`,
  "128,,256": `"" ${notALength}`,
  "128,auto": `"auto" ${notALength}`,
  "-128": `"-128" ${notALength}`,
  "+128": `"+128" ${notALength}`,
  "128.0": `"128.0" ${notALength}`,
  "0x80": `"0x80" ${notALength}`,
  "1e3": `"1e3" ${notALength}`,
  "128;256": `"128;256" ${notALength}`,
  "max": `"max" ${notALength}`,
  "max=": `"" ${notALength}`,
  "max=auto": `"auto" ${notALength}`,
  "max=128,256": `"128,256" ${notALength}`,
  "max=-128": `"-128" ${notALength}`,
  "max=0": `0 ${notAMultiple}`,
  "max=100": `100 ${notAMultiple}`,
  "max=4096": `4096 ${notAMultiple}`,
  "0": `0 ${notAMultiple}`,
  "100": `100 ${notAMultiple}`,
  "129": `129 ${notAMultiple}`,
  "4096": `4096 ${notAMultiple}`,
  "2176": `2176 ${notAMultiple}`,
  "128,100": `100 ${notAMultiple}`,
  "99999999999999999999": notAMultiple,
  [`${"9".repeat(400)}`]: notAMultiple,
  "128,256,128": "the vector length 128 is given twice; a set names each length once",
  "128,0128": "the vector length 128 is given twice; a set names each length once",
};

for (const [text, message] of Object.entries(malformed)) {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  Deno.test(`--sve ${JSON.stringify(shown)} is refused by name`, () => {
    const error = assertThrows(() => parseSve(text), RequestError, message);
    assertEquals(error.field, "sve");
  });
}

for (const text of ["on", "off", "auto"] satisfies Switch[]) {
  Deno.test(`--ptrauth ${text} is understood`, () => assertEquals(parseSwitch("ptrauth", text), text));
}

for (const text of ["", "ON", "yes", "1", "on "]) {
  Deno.test(`--pmu "${text}" is refused, and told what it takes`, () => {
    const message = `"${text}" is not a setting of --pmu; it takes on, off or auto`;
    const error = assertThrows(() => parseSwitch("pmu", text), RequestError, message);
    assertEquals(error.field, "pmu");
  });
}

Deno.test("a request is told in words", () => {
  assertEquals(formatSve({ kind: "off" }), "off");
  assertEquals(formatSve({ kind: "auto" }), "auto");
  assertEquals(formatSve({ kind: "max", bits: 512 }), "at most 512 bits");
  assertEquals(formatSve({ kind: "exact", lengths: [128, 256] }), "exactly {128, 256} bits");
});
