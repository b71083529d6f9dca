// A thread of gic_threads_test.ts. A `taker` is a vcpu: it takes its interrupts until it is told to stop, and
// counts them. A `sender` sends SGIs, each once the one before was taken.

import { stopWord, type Task } from "./gic_task.ts";
import { GicModel } from "../../../../vmm/interpreter/gic/gic_model.ts";

const special = 1020;

function wake(shared: Int32Array, vcpu: number) {
  Atomics.add(shared, vcpu, 1);
  Atomics.notify(shared, vcpu);
}

/** As a vcpu in a loop of WFI: no interrupt may be lost between looking and sleeping. */
function take({ shared, vcpu, vcpus }: Task, model: GicModel) {
  for (;;) {
    const seen = Atomics.load(shared, vcpu);
    while (model.isPending(vcpu)) {
      const intid = model.acknowledge(vcpu);
      if (intid >= special) break;
      model.end(vcpu, intid);
      Atomics.add(shared, vcpus + vcpu, 1);
      Atomics.notify(shared, vcpus + vcpu);
    }
    if (Atomics.load(shared, stopWord(vcpus)) && !model.isPending(vcpu)) return;
    Atomics.wait(shared, vcpu, seen);
  }
}

function send({ shared, vcpu, vcpus, rounds }: Task, model: GicModel) {
  const target = 1 - vcpu;
  for (let n = 0; n < rounds; n++) {
    const before = Atomics.load(shared, vcpus + target);
    model.writeIcc(vcpu, "ICC_SGI1R_EL1", (n & 7) << 24 | 1 << target);
    Atomics.wait(shared, vcpus + target, before);
  }
  Atomics.store(shared, stopWord(vcpus), 1);
  for (let other = 0; other < vcpus; other++) wake(shared, other);
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Task>) => void;
  postMessage(message: string): void;
};

scope.onmessage = ({ data }) => {
  const model = new GicModel(data.words, data.vcpus, data.interrupts, (vcpu) => wake(data.shared, vcpu));
  if (data.role === "taker") take(data, model);
  else send(data, model);
  scope.postMessage("done");
};
