// When a guest's console lines come, by one clock, whoever runs the guest.

/** Seconds from the start of the console line `from` to the start of `to`, on a stream of its bytes. Reads to the end. */
export async function secondsBetween(
  bytes: AsyncIterable<Uint8Array>,
  from: string,
  to: string,
): Promise<number> {
  const decoder = new TextDecoder();
  let text = "";
  let started = NaN;
  let ended = NaN;
  for await (const piece of bytes) {
    text += decoder.decode(piece, { stream: true });
    if (Number.isNaN(started) && text.includes(from)) started = performance.now();
    if (Number.isNaN(ended) && text.includes(to)) ended = performance.now();
  }
  if (ended >= started) return (ended - started) / 1000;
  throw new Error(`the console did not say "${from}" and then "${to}", but: ${text.trim() || "(nothing)"}`);
}
