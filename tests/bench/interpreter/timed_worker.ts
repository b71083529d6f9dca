// A vcpu's Worker whose engine is timed.

import "./timed_instance.ts";
import "../../../vmm/machine/vcpu_worker.ts";
