// Metrics in Prometheus' text format (prometheus.io, "Exposition formats", text-based format 0.0.4).

import type { Vm } from "./vm.ts";
import type { VmStats } from "./vm_messages.ts";

type Labels = Readonly<Record<string, string | number>>;
type Sample = readonly [Labels, number];

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  samples(vm: Vm, stats: VmStats | undefined): readonly Sample[];
}

const of = (value: number | null | undefined): Sample[] =>
  value === null || value === undefined ? [] : [[{}, value]];

const states = ["created", "running", "paused", "ended"] as const;

const families: readonly Family[] = [
  {
    name: "velum_vm_state",
    help: "1 for the state that a VM is in.",
    type: "gauge",
    samples: (vm) => states.map((state) => [{ state }, vm.state === state ? 1 : 0]),
  },
  {
    name: "velum_vm_runs_total",
    help: "How often a VM was started.",
    type: "counter",
    samples: (vm) => of(vm.record.runs),
  },
  {
    name: "velum_vm_console_bytes_total",
    help: "Bytes that a VM's guest wrote on its console.",
    type: "counter",
    samples: (vm) => of(vm.console.end),
  },
  {
    name: "velum_vm_cpu_seconds_total",
    help: "Processor time of a VM's process in this run.",
    type: "counter",
    samples: (_, stats) =>
      Object.entries(stats?.cpuSeconds ?? {}).map(([mode, seconds]) => [{ mode }, seconds] as const),
  },
  {
    name: "velum_vm_guest_seconds_total",
    help: "Time in a VM's guest in this run, of all vcpus: part of its process's processor time.",
    type: "counter",
    samples: (_, stats) => of(stats?.guestSeconds),
  },
  {
    name: "velum_vm_resident_bytes",
    help: "Memory of a VM's process.",
    type: "gauge",
    samples: (vm, stats) => of(vm.pid === undefined ? undefined : stats?.residentBytes),
  },
  {
    name: "velum_vm_instructions_total",
    help: "Instructions that a VM's guest executed in this run, in the interpreter.",
    type: "counter",
    samples: (_, stats) => of(stats?.instructions),
  },
  {
    name: "velum_vm_exits_total",
    help: "Returns of KVM_RUN in this run.",
    type: "counter",
    samples: (_, stats) =>
      (stats?.counts.exits ?? []).flatMap((exits, vcpu) =>
        Object.entries(exits).map(([reason, count]) => [{ vcpu, reason }, count] as const)
      ),
  },
  {
    name: "velum_vm_mmio_accesses_total",
    help: "Accesses to a VM's devices in this run.",
    type: "counter",
    samples: (_, stats) =>
      Object.entries(stats?.counts.mmio ?? {}).map(([device, count]) => [{ device }, count] as const),
  },
  {
    name: "velum_vm_virtio_queue_served_total",
    help: "How often a virtio device looked at one of its queues in this run.",
    type: "counter",
    samples: (_, stats) =>
      Object.entries(stats?.counts.virtio ?? {}).flatMap(([device, counts]) =>
        counts.map((count, queue) => [{ device, queue }, count] as const)
      ),
  },
];

export async function metricsText(vms: readonly Vm[]): Promise<string> {
  const all = await Promise.all(vms.map(async (vm) => [vm, await vm.stats()] as const));
  const texts = families.map(({ name, help, type, samples }) => {
    const lines = all.flatMap(([vm, stats]) =>
      samples(vm, stats).map(([labels, value]) =>
        `${name}{${formatLabels({ vm: vm.name, ...labels })}} ${value}\n`
      )
    );
    return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
  });
  return texts.join("");
}

/** No label's value here has a character that would have to be escaped. */
const formatLabels = (labels: Labels) =>
  Object.entries(labels).map(([name, value]) => `${name}="${value}"`).join(",");
