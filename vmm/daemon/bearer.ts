// Who may speak to the daemon over TCP, where any user of this machine can connect: who knows the token.

type Handler = (request: Request) => Response | Promise<Response>;

const refusal =
  "over TCP every request needs the daemon's token, as Authorization: Bearer TOKEN or, of a GET, " +
  "as the query's access_token";

/**
 * Lets requests through that have the token. A WebSocket or EventSource of a browser cannot send the header, and has it
 * in the query (RFC 6750, "URI Query Parameter"). Pages of any origin may ask: they know the token, or get nothing.
 */
export function bearerOnly(token: string, handle: Handler): Handler {
  const wanted = digest(token);
  return async (request) => {
    if (isPreflight(request)) {
      return new Response(null, { status: 204, headers: { ...anyOrigin, ...mayAsk } });
    }
    if (isSame(await wanted, await digest(tokenOf(request)))) return forAnyOrigin(await handle(request));
    const headers = { ...anyOrigin, "WWW-Authenticate": 'Bearer realm="velum"' };
    return Response.json({ error: { field: "Authorization", message: refusal } }, { status: 401, headers });
  };
}

function tokenOf({ method, url, headers }: Request): string {
  const given = /^Bearer (.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return given ?? (method === "GET" ? new URL(url).searchParams.get("access_token") : undefined) ?? "";
}

/** Fetch Standard, "CORS protocol". */
const anyOrigin = { "Access-Control-Allow-Origin": "*" };
const mayAsk = {
  "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
  "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
  "Access-Control-Max-Age": "600",
};

const isPreflight = ({ method, headers }: Request) =>
  method === "OPTIONS" && headers.has("access-control-request-method");

/** The answer that opens a WebSocket is Deno's own, and no page is kept from it. */
function forAnyOrigin(response: Response): Response {
  if (response.status === 101) return response;
  for (const [name, value] of Object.entries(anyOrigin)) response.headers.set(name, value);
  response.headers.set("Access-Control-Expose-Headers", "Velum-Offset, Velum-Dropped, Velum-End");
  return response;
}

/** Digests are compared, so that how long it takes tells nothing of the token. */
const digest = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

const isSame = (a: Uint8Array, b: Uint8Array) => a.every((byte, n) => byte === b[n]);
