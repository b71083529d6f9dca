// The life of a machine whose vcpus take turns on one thread, so that its guest runs the same each time: whose
// turn it is runs, the devices' time comes when the guest's clock says so, and nothing is asked of the host's.

import type { Turns } from "./backend_share.ts";
import { type ControlBlock, lifecycle } from "./control_block.ts";
import type { Ending } from "./ending.ts";
import { type RunContext, runTurn } from "./run_loop.ts";

export interface TurnContext {
  /** By their indexes. */
  readonly vcpus: readonly RunContext[];
  readonly control: ControlBlock;
  readonly turns: Turns;
  /** Takes input and sees to what is due by the guest's clock. */
  poll(): void;
}

/** As `runVcpu`, for all vcpus, which want no more. */
export function runInTurns({ vcpus, control, turns, poll }: TurnContext): Ending | undefined {
  // The doorbell is read before the state: whoever stops the machine changes the state first and then rings.
  for (let heard = control.doorbell; control.state !== lifecycle.stopped; heard = control.doorbell) {
    control.holdWhilePaused(vcpus.length);
    turns.forgetDeadline();
    poll();
    const index = turns.next();
    const ending = index === undefined ? undefined : runTurn(vcpus[index]!);
    if (ending) return ending;
    // A guest that waits for nothing that will come of itself waits for somebody to type, or to stop it.
    if (index === undefined && !turns.isMonitorsTime) control.awaitDoorbell(heard);
  }
  return undefined;
}
