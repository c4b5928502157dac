/**
 * Where the interface of the appliance is.
 *
 * The page may come from the appliance's own server, which then is the one to ask, whatever port it has been forwarded
 * to; or from a web server of its own, and then the appliance is on the same host at its own port.
 */

export const API_PORT = 5309;

interface Place {
  protocol: string;
  hostname: string;
  port: string;
}

/** Find the base address; an empty text is the page's own origin. Rejects when the page's own server is unreachable. */
export async function findBase(place: Place, override: string | undefined, ask: typeof fetch): Promise<string> {
  if (override) {
    return override.replace(/\/+$/, "");
  }
  if (place.port === String(API_PORT) || (await isApi(ask))) {
    return "";
  }
  return `${place.protocol}//${place.hostname}:${API_PORT}`;
}

/** A web server for single pages answers any path with the page itself, so the status alone says nothing. */
async function isApi(ask: typeof fetch): Promise<boolean> {
  const response = await ask("/status/ping");
  return response.headers.get("Content-Type")?.includes("json") ?? false;
}

/** Find the base once; a failure is forgotten, so that the next call tries again. */
export function rememberedBase(find: () => Promise<string>): () => Promise<string> {
  let found: Promise<string> | null = null;
  return () => {
    found ??= find().catch((error: unknown) => {
      found = null;
      throw error;
    });
    return found;
  };
}
