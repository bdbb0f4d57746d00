import type { JetonError } from "@jeton/client";
import { useJeton } from "@jeton/client/react";
import { type FormEvent, useState } from "react";

/** Signs up, then in. */
export function Register() {
  const jeton = useJeton();
  const [wrong, setWrong] = useState("");
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    const { username = "", password = "", email } = fields;
    try {
      await jeton.register({ username, password, ...(email ? { email } : {}) });
      await jeton.login({ username, password });
    } catch (error) {
      setWrong((error as JetonError).message);
    }
  };
  return (
    <form className="jeton-sign-in" onSubmit={submit}>
      <label>
        Username
        <input name="username" autoComplete="username" required />
      </label>
      <label>
        E-mail
        <input name="email" type="email" autoComplete="email" />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="new-password" required />
      </label>
      <p role="alert">{wrong}</p>
      <button>Sign up</button>
    </form>
  );
}
