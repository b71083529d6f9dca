// Velum's command line: argv -> one command.

import { main } from "./vmm/cli/main.ts";

Deno.exit(await main(Deno.args));
