import { type ReactNode, useEffect, useMemo, useState } from "react";

import type { Jeton, User } from "../types.js";
import { Context, useSession } from "./context.js";
import { TEXTS, type Texts } from "./texts.js";

export interface JetonProviderProps {
  /** Made once, outside of every component. */
  client: Jeton;
  /** Texts in place of the English ones. */
  texts?: Partial<Texts>;
  children?: ReactNode;
}

/** Gives the client to all below it, and finds out who is signed in. */
export function JetonProvider({ client, texts, children }: JetonProviderProps): ReactNode {
  const user = useFoundUser(client);
  const shared = useMemo(() => ({ client, user, texts: { ...TEXTS, ...texts } }), [client, user, texts]);
  return <Context.Provider value={shared}>{children}</Context.Provider>;
}

/** The user's record, fetched when the page is loaded and whenever somebody else signs in. */
const useFoundUser = (client: Jeton): User | null | undefined => {
  const [user, setUser] = useState<User | null>();
  useEffect(() => {
    let isMounted = true;
    let isAsking = false;
    let found: User | null | undefined;
    const ask = async () => {
      if (isAsking || (found && found.id === client.state().userId)) return;
      isAsking = true;
      try {
        found = await client.user();
      } catch {
        // The next renewal or sign-in asks again.
        found = undefined;
      } finally {
        isAsking = false;
      }
      if (isMounted) setUser(found);
    };
    const forget = () => setUser((found = null));
    const ends = [client.on("signedin", ask), client.on("renewed", ask), client.on("signedout", forget)];
    ask();
    return () => {
      isMounted = false;
      for (const end of ends) end();
    };
  }, [client]);
  return user;
};

/** Shows its children while somebody is signed in. */
export function SignedIn({ children }: { children?: ReactNode }): ReactNode {
  return useSession().status === "in" && children;
}

/** Shows its children while nobody is signed in: neither before that is known. */
export function SignedOut({ children }: { children?: ReactNode }): ReactNode {
  return useSession().status === "out" && children;
}
