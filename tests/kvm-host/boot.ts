// `deno task boot`: the default tiny guest on the best there is: this machine's KVM, or else the test bed's.

import { main } from "../../vmm/cli/main.ts";
import { Kvm } from "../../vmm/kvm/system.ts";
import { RequestError } from "../../vmm/kvm/request_error.ts";
import { chooseBackend } from "../../vmm/machine/backends.ts";
import { attach } from "./attach.ts";
import { BedError } from "./errors.ts";

/** Why there is no KVM for arm64 guests here, if there is none. */
function whyNoKvm(): string | undefined {
  try {
    Kvm.open(chooseBackend("kvm")).close();
    return undefined;
  } catch (error) {
    if (error instanceof RequestError) return error.message;
    throw error;
  }
}

async function boot(args: readonly string[]): Promise<number> {
  const reason = whyNoKvm();
  if (reason === undefined) return await main(["run", ...args]);
  console.error(`velum: ${reason}; booting in the test bed, real arm64 KVM under QEMU`);
  try {
    return await attach("max", ["run", ...args], undefined);
  } catch (error) {
    if (!(error instanceof BedError)) throw error;
    console.error(`velum: ${error.message}`);
    return 2;
  }
}

Deno.exit(await boot(Deno.args));
