import { RenewalPrompt, SignedIn, SignedOut, SignIn, useJeton, useUser } from "@jeton/client/react";
import { useState } from "react";

import { Protected } from "./protected.js";
import { Register } from "./register.js";
import { Sessions } from "./sessions.js";

export function App() {
  return (
    <main>
      <SignedOut>
        <Welcome />
      </SignedOut>
      <SignedIn>
        <Profile />
        <Protected />
        <Sessions />
      </SignedIn>
      <RenewalPrompt />
    </main>
  );
}

function Welcome() {
  const [isNew, setNew] = useState(false);
  return (
    <>
      <h1>{isNew ? "Sign up" : "Sign in"}</h1>
      {isNew ? <Register /> : <SignIn />}
      <button className="link" onClick={() => setNew(!isNew)}>
        {isNew ? "I have an account" : "I am new here"}
      </button>
    </>
  );
}

function Profile() {
  const jeton = useJeton();
  const user = useUser();
  return (
    <header>
      <h1>{user ? `Hello, ${user.username}` : "…"}</h1>
      <p>{user?.email}</p>
      <button onClick={() => jeton.logout()}>Sign out</button>
    </header>
  );
}
