// A thread that runs a vcpu of running_changes_test.ts: once for each message, telling before and after.

import { interpreterFromShare, type InterpreterShare } from "../../../vmm/interpreter/backend_share.ts";
import { openEngineRoom } from "../../../vmm/interpreter/engine_room.ts";
import { KVM_RUN } from "../../../vmm/kvm/ioctls.ts";

export interface RunnerTask {
  readonly share: InterpreterShare;
  /** The vcpu's descriptor. */
  readonly fd: number;
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<RunnerTask | "run">) => void;
  postMessage(message: "ready" | "entering" | number): void;
};

scope.onmessage = async ({ data }) => {
  if (data === "run") return;
  await openEngineRoom();
  const backend = interpreterFromShare(data.share);
  scope.onmessage = () => {
    scope.postMessage("entering");
    scope.postMessage(backend.ioctl(data.fd, KVM_RUN, 0));
  };
  scope.postMessage("ready");
};
