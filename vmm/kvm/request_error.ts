/** The caller asked for what cannot be: one sentence without its full stop, and the field of the request that is wrong. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  constructor(readonly field: string, message: string) {
    super(message);
  }
}
