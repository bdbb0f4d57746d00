/** The page that tabs of a test have open. */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { createJeton, type Jeton } from "@jeton/client";
import { JetonProvider, RenewalPrompt, SignedIn, SignedOut, SignIn, useSession, useUser } from "@jeton/client/react";

declare global {
  interface Window {
    jeton: Jeton;
    /** Every `signedout`, by its reason. */
    told: string[];
  }
}

const warn = new URLSearchParams(location.search).get("warn");
window.jeton = createJeton({ issuer: location.origin, ...(warn ? { warn: Number(warn) } : {}) });
window.told = [];
window.jeton.on("signedout", ({ reason }) => window.told.push(reason));

function Page() {
  const { status } = useSession();
  const user = useUser();
  return (
    <main data-status={status}>
      <SignedIn>
        <h1>{user?.username}</h1>
        <textarea aria-label="Notes" />
      </SignedIn>
      <SignedOut>
        <SignIn />
      </SignedOut>
      <RenewalPrompt />
    </main>
  );
}

createRoot(document.body).render(
  <StrictMode>
    <JetonProvider client={window.jeton}>
      <Page />
    </JetonProvider>
  </StrictMode>,
);
