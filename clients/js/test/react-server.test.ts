import assert from "node:assert/strict";
import { test } from "node:test";

import { createJeton } from "@jeton/client";
import { JetonProvider, RenewalPrompt, SignedIn, SignedOut, SignIn } from "@jeton/client/react";
import { createElement } from "react";
import { renderToString } from "react-dom/server";

test("a server renders neither what is for people who are signed in nor what is for the others", () => {
  const client = createJeton({ issuer: "https://id.example.org", mode: "cookie" });
  const page = createElement(
    JetonProvider,
    { client },
    createElement(SignedIn, null, "for those who are signed in"),
    createElement(SignedOut, null, createElement(SignIn)),
    createElement(RenewalPrompt),
    "for everybody",
  );
  assert.equal(renderToString(page), "for everybody");
});
