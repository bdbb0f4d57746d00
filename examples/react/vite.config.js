import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The service, where it is at the page's own origin: the server of the pages passes these paths on to it. In production
// whatever serves the built files does the same.
const SERVICE = process.env.JETON ?? "http://localhost:5000";
const PATHS = ["/register", "/login", "/refresh", "/logout", "/csrf", "/profile", "/protected", "/password", "/sessions", "/healthz", "/.well-known"];
const proxy = Object.fromEntries(PATHS.map((path) => [path, { target: SERVICE }]));

export default defineConfig({
  plugins: [react()],
  // The package is a folder beside this one, with a React of its own for its tests.
  resolve: { dedupe: ["react", "react-dom"] },
  server: { proxy },
  preview: { proxy },
});
