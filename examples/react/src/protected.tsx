import { useJeton } from "@jeton/client/react";
import { useState } from "react";

import { issuer } from "./session.js";

/** Asks an API that takes the service's tokens. Here it is a route of the service itself. */
export function Protected() {
  const jeton = useJeton();
  const [answer, setAnswer] = useState("");
  const ask = async () => {
    const response = await jeton.fetch(`${issuer}/protected`);
    setAnswer(`${response.status} ${await response.text()}`);
  };
  return (
    <section>
      <h2>Protected</h2>
      <label>
        Notes
        <textarea />
      </label>
      <button onClick={ask}>Ask the API</button>
      <output>{answer}</output>
    </section>
  );
}
