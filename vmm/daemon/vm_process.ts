// The process of one VM, begun: the thread that will run its vcpus loads the interpreter while this one loads the rest.
// Arguments: that thread's script, where the interpreter will need it.

import { openIsolateAhead } from "../machine/isolates.ts";

const [isolate] = Deno.args;
if (isolate !== undefined) openIsolateAhead(isolate, "interpreter");
await import("./vm_service.ts");
