/** Writes one whole line at a time, to the end of a file, or to stderr where none is named. */
export function lineWriter(file?: string): (line: string) => void {
  const encoder = new TextEncoder();
  const sink = file === undefined ? Deno.stderr : Deno.openSync(file, { append: true, create: true });
  return (line) => {
    const bytes = encoder.encode(line + "\n");
    for (let done = 0; done < bytes.length;) done += sink.writeSync(bytes.subarray(done));
  };
}
