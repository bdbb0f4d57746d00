import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";

import { useSession, useShared } from "./context.js";
import { SignIn } from "./sign-in.js";

/**
 * Offers to stay signed in when the session nears its end, over whatever the page shows: what was typed stays, and the
 * focus goes back to where it was.
 */
export function RenewalPrompt(): ReactNode {
  const { status, expiring, userId } = useSession();
  return status === "in" && expiring && <Prompt key={userId} />;
}

/** When somebody who does not see the countdown is told again. */
const MILESTONES = [10, 30, 60];

function Prompt(): ReactNode {
  const { client, texts } = useShared();
  const { endsIn, final } = useSession();
  const [left, setLeft] = useState(() => Math.ceil(endsIn()));
  const [isDismissed, dismiss] = useState(false);
  const [wrong, setWrong] = useState("");
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const timer = setInterval(() => setLeft(Math.max(Math.ceil(endsIn()), 0)), 500);
    return () => clearInterval(timer);
  }, [endsIn]);
  useLayoutEffect(() => {
    const { current } = dialog;
    if (isDismissed || !current) return;
    current.showModal();
    // Neither button: whoever is typing at this moment would press it.
    current.focus();
    return () => current.close();
  }, [isDismissed]);
  if (isDismissed) return null;
  const act = (work: Promise<unknown>) => {
    setWrong("");
    work.catch(() => setWrong(texts.unreachable));
  };
  const milestone = MILESTONES.find((seconds) => left <= seconds);
  return (
    <dialog
      ref={dialog}
      className="jeton-renewal"
      tabIndex={-1}
      aria-labelledby={id}
      onCancel={() => dismiss(true)}
    >
      <p id={id}>{final ? texts.final : texts.expiring}</p>
      <p role="timer" aria-live="off">
        {Math.floor(left / 60)}:{`${left % 60}`.padStart(2, "0")}
      </p>
      <p className="jeton-heard" aria-live="polite">
        {milestone && texts.left(milestone)}
      </p>
      <p role="alert">{wrong}</p>
      {final ? (
        <SignIn />
      ) : (
        <button onClick={() => act(client.renew())}>{texts.stay}</button>
      )}
      <button onClick={() => act(client.logout())}>{texts.signOut}</button>
    </dialog>
  );
}
