// Cases about features as the guest finds them: SVE and pointer authentication, and instructions it must not have.

import { registerNamed } from "../../../vmm/kvm/register_id.ts";
import { hasPtrauth, hasSve, psci, ptrauth, sve } from "../bench.ts";
import { type Answer, type Case, defineCase, hex } from "../case.ts";
import { exceptionClass, Guest, tell } from "../guest.ts";
import * as a64 from "../guest_code.ts";

const CPACR_ALL = 3n << 16n | 3n << 20n;

export const featuresInsideCases: Case[] = [
  defineCase({
    name:
      "an SVE instruction is undefined on a vcpu without SVE, and a key register on one without pointer " +
      "authentication",
    source: 'KVM document, "4.82 KVM_ARM_VCPU_INIT"',
    ask(bench) {
      const enable = [...a64.set(0, CPACR_ALL), a64.writeSystem(0, "CPACR_EL1"), a64.ISB];
      const classes = (code: number[], features = psci) =>
        exceptionClass(new Guest(bench, [...enable, ...code, ...tell(1)], { features }).next());
      return {
        rdvl: classes([a64.readVectorLength(1)]),
        "ZCR_EL1": classes([a64.readSystem(1, "ZCR_EL1")]),
        "APIAKEYLO_EL1": classes([a64.readSystem(1, "APIAKEYLO_EL1")]),
        "PMCR_EL0": classes([a64.readSystem(1, "PMCR_EL0")]),
      };
    },
    expected: () => ({
      rdvl: "exception class 0x0",
      "ZCR_EL1": "exception class 0x0",
      "APIAKEYLO_EL1": "exception class 0x0",
      "PMCR_EL0": "exception class 0x0",
    }),
  }),
  defineCase({
    name: "a vcpu with SVE runs RDVL and reaches ZCR_EL1",
    source: 'KVM document, "4.82 KVM_ARM_VCPU_INIT"',
    where: hasSve,
    ask(bench) {
      const enable = [...a64.set(0, CPACR_ALL), a64.writeSystem(0, "CPACR_EL1"), a64.ISB];
      const set = [...a64.set(0, 0n), a64.writeSystem(0, "ZCR_EL1"), a64.ISB];
      const read = [a64.readVectorLength(1), ...tell(1), a64.readSystem(1, "ZCR_EL1"), ...tell(1)];
      return new Guest(bench, [...enable, ...set, ...read], { features: sve }).take(2);
    },
    expected: ({ vectorLengths }) => [{ tells: hex(BigInt(vectorLengths[0]! / 8)) }, { tells: "0x0" }],
  }),
  defineCase({
    name: "a vcpu with pointer authentication signs and authenticates with its keys; a wrong modifier fails",
    source: 'Arm DDI 0487, "Pointer authentication"',
    where: hasPtrauth,
    ask(bench) {
      const EnIA = 1n << 31n;
      const pointer = 0x4000_1234n;
      const sign = [...a64.set(1, pointer), ...a64.set(2, 7n), a64.pacia(1, 2)];
      const code = [
        ...[
          a64.readSystem(0, "SCTLR_EL1"),
          ...a64.set(3, EnIA),
          a64.or(0, 3),
          a64.writeSystem(0, "SCTLR_EL1"),
          a64.ISB,
        ],
        ...[...sign, ...tell(1), a64.autia(1, 2), ...tell(1)],
        ...[...sign, ...a64.set(2, 8n), a64.autia(1, 2), ...tell(1)],
      ];
      const guest = new Guest(bench, code, { features: ptrauth });
      guest.vcpu.setRegister(registerNamed("APIAKEYLO_EL1"), 0x0123_4567_89ab_cdefn);
      guest.vcpu.setRegister(registerNamed("APIAKEYHI_EL1"), 0xfedc_ba98_7654_3210n);
      const [signed, authenticated, failed] = guest.take(3);
      const isPointer = (answer?: Answer) =>
        JSON.stringify(answer) === JSON.stringify({ tells: hex(pointer) });
      return {
        "signed differs": !isPointer(signed),
        "authenticates": isPointer(authenticated),
        // A fault at the use, or with FEAT_FPAC an exception at AUTIA.
        "a wrong modifier authenticates": isPointer(failed),
      };
    },
    expected: () => ({
      "signed differs": true,
      authenticates: true,
      "a wrong modifier authenticates": false,
    }),
  }),
  defineCase({
    name: "without pointer authentication PACIA leaves the pointer as it is",
    source: 'Arm DDI 0487, "Pointer authentication"',
    where: (offer) => !hasPtrauth(offer),
    ask: (bench) => {
      const paciasp = 0xd503_233f;
      return new Guest(bench, [...a64.set(30, 0x4000_1234n), paciasp, ...tell(30)]).next();
    },
    expected: () => ({ tells: "0x40001234" }),
  }),
];
