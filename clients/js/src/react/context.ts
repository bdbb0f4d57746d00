import { createContext, useContext, useSyncExternalStore } from "react";

import type { Jeton, SessionState, User } from "../types.js";
import type { Texts } from "./texts.js";

/** What a provider gives to all below it. */
export interface Shared {
  client: Jeton;
  /** `undefined` until it is known. */
  user: User | null | undefined;
  texts: Texts;
}

export const Context = createContext<Shared | null>(null);

export const useShared = (): Shared => {
  const shared = useContext(Context);
  if (!shared) throw new Error("There is no <JetonProvider> above");
  return shared;
};

/** What a server renders, and a browser at first: nobody knows yet. */
const UNKNOWN: SessionState = {
  status: "unknown",
  userId: undefined,
  reason: undefined,
  expiring: false,
  final: false,
  endsIn: () => Infinity,
};

/** The client that the provider was given. */
export const useJeton = (): Jeton => useShared().client;

/** The session as it is now, in every tab. */
export const useSession = (): SessionState => {
  const { client } = useShared();
  return useSyncExternalStore(
    (listener) => client.on("change", listener),
    client.state,
    () => UNKNOWN,
  );
};

/** Who is signed in: `null` when nobody is, `undefined` until that is known. */
export const useUser = (): User | null | undefined => useShared().user;
