/** A request that the API refuses: its HTTP status, the part of the request at fault, and one sentence without its full stop. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly status: 400 | 401 | 404 | 405 | 409 | 413 | 500 | 503 | 507,
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}
