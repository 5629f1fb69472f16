// A session for as long as a component is there.
import { useEffect, useState } from "react";
import { openSession, type Session } from "../session/session.js";

/** The session of a user, once there is one; another user or device is another session. */
export function useSession(user: string, device: string | undefined): Session | undefined {
  const [session, setSession] = useState<Session>();
  useEffect(() => {
    const ended = new AbortController();
    let opened: Session | undefined;
    void openSession(user, device).then((found) => {
      if (ended.signal.aborted) return found.close();
      opened = found;
      setSession(found);
    });
    return () => {
      ended.abort();
      opened?.close();
      setSession(undefined);
    };
  }, [user, device]);
  return session;
}
