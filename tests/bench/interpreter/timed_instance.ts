// Puts a clock around the engine's function and all that it calls, in the Worker that loads this first. What was
// measured is printed when the vcpu is done.

const titles: Readonly<Record<string, string>> = {
  decode: "decoding",
  run: "instructions in TypeScript",
  fallBack: "rare cases of instructions, in TypeScript",
  load: "loads the TLB misses, and of devices",
  store: "stores the TLB misses, and of devices",
};

const spent = new Map<string, { milliseconds: number; calls: number }>();
let inEngine = 0, called = 0, asleep = 0, began = 0;

function add(name: string, milliseconds: number) {
  const one = spent.get(name) ?? { milliseconds: 0, calls: 0 };
  one.milliseconds += milliseconds;
  one.calls++;
  spent.set(name, one);
}

/** Runs it and hands over the milliseconds it took, less those asleep. */
function timed<T>(body: () => T, took: (milliseconds: number) => void): T {
  const from = performance.now(), before = asleep;
  try {
    return body();
  } finally {
    took(performance.now() - from - (asleep - before));
  }
}

type Called = (...args: readonly unknown[]) => unknown;

const around = (name: string, original: Called): Called => (...args) =>
  timed(() => original(...args), (milliseconds) => {
    called += milliseconds;
    if (titles[name]) add(titles[name], milliseconds);
  });

const { Instance } = WebAssembly;

/** Modules but the engine's own are made as they are. */
function timedInstance(module: WebAssembly.Module, given?: { host: Record<string, unknown> }) {
  if (!given?.host.decode) return new Instance(module, given as never);
  const { host } = given;
  const imports = Object.entries(host).map(([name, value]) =>
    [name, typeof value === "function" ? around(name, value as Called) : value] as const
  );
  const instance = new Instance(module, { host: Object.fromEntries(imports) as never });
  const run = instance.exports.run as Called;
  return {
    exports: {
      ...instance.exports,
      run: (...args: readonly unknown[]) => {
        began ||= performance.now();
        return timed(() => run(...args), (milliseconds) => {
          inEngine += milliseconds;
        });
      },
    },
  };
}

WebAssembly.Instance = timedInstance as never;

const { wait } = Atomics;
Atomics.wait = ((...args: Parameters<typeof wait>) => {
  const from = performance.now();
  try {
    return wait(...args);
  } finally {
    asleep += performance.now() - from;
  }
}) as typeof wait;

const { postMessage } = self as unknown as { postMessage(message: { kind: string }): void };

Object.assign(self, {
  postMessage(message: { kind: string }) {
    if (message.kind === "done") console.log(JSON.stringify(shares()));
    postMessage(message);
  },
});

function shares() {
  const all = performance.now() - began - asleep;
  const of = (milliseconds: number) => ({ percent: 100 * milliseconds / all, calls: 0 });
  return {
    "generated code, and what the clock took": of(inEngine - called),
    ...Object.fromEntries(
      [...spent].map(([title, { milliseconds, calls }]) => [title, { ...of(milliseconds), calls }]),
    ),
    "between runs: fetches, exceptions, interrupts, exits": of(all - inEngine),
  };
}
