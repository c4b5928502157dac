/** Who is signed in in this browser. It outlasts a reload and is shared by the tabs of one browser. */

export interface Session {
  token: string;
  username: string;
  admin: boolean;
}

const KEY = "town_os_session";

export class SessionStore {
  private current: Session | null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly storage: Storage) {
    this.current = read(storage);
  }

  readonly get = (): Session | null => this.current;

  set(session: Session | null): void {
    this.current = session;
    if (session) {
      this.storage.setItem(KEY, JSON.stringify(session));
    } else {
      this.storage.removeItem(KEY);
    }
    this.tell();
  }

  token(): string | null {
    return this.current?.token ?? null;
  }

  /** Forget the session, unless another one has started since the token was sent. */
  rejected(token: string): void {
    if (this.current?.token === token) {
      this.set(null);
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const other = (event: StorageEvent) => {
      if (event.key === KEY || event.key === null) {
        this.current = read(this.storage);
        listener();
      }
    };
    this.listeners.add(listener);
    window.addEventListener("storage", other);
    return () => {
      this.listeners.delete(listener);
      window.removeEventListener("storage", other);
    };
  };

  private tell(): void {
    for (const listener of this.listeners) {
      listener();
    }
  }
}

function read(storage: Storage): Session | null {
  try {
    const value: unknown = JSON.parse(storage.getItem(KEY) ?? "null");
    return isSession(value) ? value : null;
  } catch {
    return null;
  }
}

function isSession(value: unknown): value is Session {
  return (
    typeof value === "object" &&
    value !== null &&
    "token" in value &&
    typeof value.token === "string" &&
    "username" in value &&
    typeof value.username === "string" &&
    "admin" in value &&
    typeof value.admin === "boolean"
  );
}
