import type { Jeton } from "@jeton/client";

export const ROMEL = { username: "Romel", password: "pass1425" };

/** Signs up and in. */
export async function signedIn(jeton: Jeton): Promise<void> {
  await jeton.register(ROMEL);
  await jeton.login(ROMEL);
}
