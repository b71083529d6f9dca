// The signals that stop a guest, and what this process's exit status is then.

const signals: readonly [Deno.Signal, number][] = [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]];

/** Calls `stop` at each of them, until `remove`. */
export function watchForSignals(stop: () => void) {
  let came: number | undefined;
  const handlers = signals.map(([signal, status]) => {
    const handle = () => {
      came = status;
      stop();
    };
    Deno.addSignalListener(signal, handle);
    return () => Deno.removeSignalListener(signal, handle);
  });
  return {
    /** Of the last that came. */
    status: (): number | undefined => came,
    remove: () => handlers.forEach((remove) => remove()),
  };
}
