import { useQueryClient } from "@tanstack/react-query";
import { useSession } from "@/session/session";

/** End the session, on the appliance as well if it can be reached. */
export function useSignOut(): () => void {
  const { api, session, end } = useSession();
  const queries = useQueryClient();
  return () => {
    const id = session && sessionId(session.token);
    const revoked = id ? api.post("/account/session/revoke", { session_id: id }) : Promise.resolve();
    void revoked.catch(() => undefined).finally(() => {
      end();
      queries.clear();
    });
  };
}

/** The id of the session is a claim of its token, which is a JWT. */
export function sessionId(token: string): string | null {
  try {
    const payload = token.split(".")[1] ?? "";
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    return typeof claims === "object" && claims !== null && "session_id" in claims && typeof claims.session_id === "string" ? claims.session_id : null;
  } catch {
    return null;
  }
}
