import type { SessionEntry } from "@jeton/client";
import { useJeton, useSession } from "@jeton/client/react";
import { useCallback, useEffect, useState } from "react";

/** Where the user is signed in, and a way to end it there. */
export function Sessions() {
  const jeton = useJeton();
  const { userId } = useSession();
  const [sessions, setSessions] = useState<SessionEntry[]>([]);
  const load = useCallback(() => jeton.sessions().then(setSessions, () => {}), [jeton]);
  useEffect(() => {
    load();
  }, [load, userId]);
  const end = (id: string) => jeton.endSession(id).then(load);
  return (
    <section>
      <h2>Sessions</h2>
      <ul>
        {sessions.map(({ id, device, current, last_seen_at }) => (
          <li key={id}>
            {device}, {current ? "here" : new Date(last_seen_at * 1000).toLocaleString()}{" "}
            {!current && <button onClick={() => end(id)}>End session</button>}
          </li>
        ))}
      </ul>
    </section>
  );
}
