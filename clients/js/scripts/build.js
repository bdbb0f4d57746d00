// Makes dist/ of src/, by the compiler alone.
import { execFileSync } from "node:child_process";
import { cp, rm } from "node:fs/promises";

await rm("dist", { recursive: true, force: true });
execFileSync("node_modules/.bin/tsc", ["--project", "."], { stdio: "inherit" });
await cp("src/react/style.css", "dist/react/style.css");
