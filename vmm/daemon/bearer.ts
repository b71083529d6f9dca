// Who may speak to the daemon over TCP, where any user of this machine can connect: who knows the token.

type Handler = (request: Request) => Response | Promise<Response>;

/** Lets requests through that have the token; a WebSocket or EventSource of a browser cannot send it, and is not let through. */
export function bearerOnly(token: string, handle: Handler): Handler {
  const wanted = digest(token);
  return async (request) => {
    const [, given = ""] = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    if (isSame(await wanted, await digest(given))) return handle(request);
    const message = "over TCP every request needs the daemon's token, as Authorization: Bearer TOKEN";
    const headers = { "WWW-Authenticate": 'Bearer realm="velum"' };
    return Response.json({ error: { field: "Authorization", message } }, { status: 401, headers });
  };
}

/** Digests are compared, so that how long it takes tells nothing of the token. */
const digest = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

const isSame = (a: Uint8Array, b: Uint8Array) => a.every((byte, n) => byte === b[n]);
