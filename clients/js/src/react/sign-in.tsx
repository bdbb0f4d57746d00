import { type FormEvent, type ReactNode, useState } from "react";

import type { JetonError } from "../error.js";
import { sentenceFor } from "../reasons.js";
import { useSession, useShared } from "./context.js";

export interface SignInProps {
  /** Called when somebody has signed in. */
  onSignedIn?: () => void;
}

/** A form for a name and a password, which says why somebody who was signed in is not any more. */
export function SignIn({ onSignedIn }: SignInProps): ReactNode {
  const { client, texts } = useShared();
  const { reason } = useSession();
  const [wrong, setWrong] = useState("");
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setBusy(true);
    setWrong("");
    try {
      await client.login({ username: `${fields.get("username")}`, password: `${fields.get("password")}` });
      onSignedIn?.();
    } catch (error) {
      const { code, message } = error as JetonError;
      setWrong(code === "unreachable" ? texts.unreachable : message);
    }
    setBusy(false);
  };
  return (
    <form className="jeton-sign-in" onSubmit={submit}>
      {reason && reason !== "logout" && <p role="status">{sentenceFor(reason, texts.reasons)}</p>}
      <label>
        {texts.username}
        <input name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required />
      </label>
      <label>
        {texts.password}
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <p role="alert">{wrong}</p>
      <button disabled={isBusy}>{texts.signIn}</button>
    </form>
  );
}
