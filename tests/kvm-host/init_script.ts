// The bed's /init: a busybox shell script that runs the commands and reports over a virtio-serial port.
//
// The report is lines, some followed by as many bytes as they say:
//   ready                      the bed is up
//   result STATUS START END    a command ended; times are seconds since boot
//   output OUT ERR             then OUT bytes of its stdout and ERR of its stderr
//   sent BYTES...              or, of an attached command: what its ports carried to the host
//   file INDEX SIZE            a named file was changed; then its content
//   end                        nothing follows
//
// Everything in the initramfs dates from 1970, so what is newer than /init was changed or made here.

/** The bed's ports by their number on the virtio-serial bus; port 0 is the terminal, hvc0. */
export const ports = { terminal: 0, report: 1, stdin: 2, stdout: 3, stderr: 4 } as const;
export type Port = keyof typeof ports;

/** One command for the bed, ready to execute. */
export interface Step {
  readonly argv: readonly string[];
  readonly timeoutSeconds?: number | undefined;
}

/** Where a command's standard streams go: kept for the report, to ports of their own, or to a terminal. */
export type Streams =
  | { readonly kind: "captured" }
  | { readonly kind: "ports" }
  | { readonly kind: "terminal"; readonly rows: number; readonly columns: number; readonly type: string };

/** The status of a command that ended by SIGSEGV; the kernel's last words then follow its own on stderr. */
export const crashed = 139;

/** In the bed: an archive of what Deno compiled, which halves the start of the same program next time. */
export const compiledCode = "/bed/compiled_code.tar";

/** In the bed: see keep_vm.ts. */
export const keepVm = "/bed/keep_vm";

const prologue = `#!/bin/busybox sh
if [ "$1" != kept ]; then
  /bin/busybox mount -t devtmpfs none /dev
  exec ${keepVm} /init kept
fi
export PATH=/bin HOME=/root DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1 DENO_NO_PROMPT=1
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t debugfs none /sys/kernel/debug
echo 1 >/proc/sys/debug/exception-trace # where a program crashes, the kernel says how
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
mkdir -p /dev/shm /bed
if [ -f ${compiledCode} ]; then
  tar -xf ${compiledCode} -C /deno-dir
  find /deno-dir -type f | xargs touch -d @0
fi
until [ -c /dev/vport0p${ports.stderr} ]; do sleep 0.01; done
exec 9>/dev/vport0p${ports.report}
echo ready >&9

started() { read -r start rest </proc/uptime; }
ended() {
  read -r end rest </proc/uptime
  kill -9 -1
  echo "result $1 $start $end" >&9
}
size() { stat -c %s "$1"; }
sent() { sed -n 's/^bytes_sent: //p' /sys/kernel/debug/virtio-ports/vport0p$1; }

captured() {
  input=$1
  shift
  started
  "$@" <"$input" >/bed/stdout 2>/bed/stderr 9>&-
  status=$?
  ended $status
  [ $status != ${crashed} ] || dmesg | sed -n '/unhandled exception/,$p' >>/bed/stderr
  echo "output $(size /bed/stdout) $(size /bed/stderr)" >&9
  cat /bed/stdout /bed/stderr >&9
}
attached() {
  exec 6</dev/vport0p${ports.stdin} 7>/dev/vport0p${ports.stdout} 8>/dev/vport0p${ports.stderr}
  started
  "$@" <&6 >&7 2>&8 6<&- 7>&- 8>&- 9>&-
  ended $?
  echo "sent $(sent ${ports.stdout}) $(sent ${ports.stderr})" >&9
}
terminal() {
  stty rows "$1" cols "$2" -opost </dev/hvc0 # the terminal at the other end does that
  export TERM="$3"
  shift 3
  started
  setsid -c "$@" </dev/hvc0 >/dev/hvc0 2>&1 9>&-
  ended $?
  echo "sent $(sent ${ports.terminal})" >&9
}
pack_compiled_code() {
  [ -n "$(find /deno-dir -type f -newer /init)" ] || return
  tar -cf ${compiledCode} -C /deno-dir $(ls /deno-dir | grep -v npm)
}
changed() {
  [ -f "$2" ] && [ "$2" -nt /init ] || return
  echo "file $1 $(size "$2")" >&9
  cat "$2" >&9
}
`;

const epilogue = `
echo end >&9
while :; do sleep 1000; done
`;

/** Where the archive holds what step `index` reads as its standard input. */
export function stdinPath(index: number): string {
  return `/bed/stdin.${index}`;
}

/** The script that runs `steps` in `directory` and then reports which of the files `named` (by their
 * path in the bed) changed. */
export function initScript(
  steps: readonly Step[],
  streams: Streams,
  directory: string,
  named: readonly string[],
): string {
  const lines = steps.map((step, index) => runLine(step, index, streams, directory));
  const changes = named.map((path, index) => words(["changed", `${index}`, path]));
  return prologue + [...lines, "pack_compiled_code", ...changes].join("\n") + epilogue;
}

function runLine(step: Step, index: number, streams: Streams, directory: string): string {
  const limit = step.timeoutSeconds === undefined ? [] : ["timeout", "-s", "KILL", `${step.timeoutSeconds}`];
  const command = [...limit, ...step.argv];
  const enter = words(["cd", directory]);
  switch (streams.kind) {
    case "captured":
      return `${enter}; ${words(["captured", stdinPath(index), ...command])}`;
    case "ports":
      return `${enter}; ${words(["attached", ...command])}`;
    case "terminal": {
      const { rows, columns, type } = streams;
      return `${enter}; ${words(["terminal", `${rows}`, `${columns}`, type, ...command])}`;
    }
  }
}

/** One shell line from words that hold anything but NUL. */
function words(list: readonly string[]): string {
  return list.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}
