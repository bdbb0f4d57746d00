import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { JetonProvider } from "@jeton/client/react";
import "@jeton/client/react/style.css";

import { App } from "./app.js";
import "./app.css";
import { jeton } from "./session.js";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <JetonProvider client={jeton}>
      <App />
    </JetonProvider>
  </StrictMode>,
);
