// Packs the package as it would be published, and has publint and are-the-types-wrong judge it.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";

const run = (program, ...words) => execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

const [{ filename, files }] = JSON.parse(run("npm", "pack", "--json", "--ignore-scripts"));
try {
  const missing = ["README.md", "dist/index.js", "dist/react/style.css", "dist/server/index.d.ts"].filter(
    (file) => !files.some(({ path }) => path === file),
  );
  if (missing.length > 0) throw new Error(`not in the package: ${missing}`);
  // ESM alone, which `require` of Node 20 cannot load: that is meant, and so are paths that are no modules.
  const excluded = ["react/style.css", "package.json"];
  process.stdout.write(run("node_modules/.bin/publint", "run", filename, "--strict"));
  process.stdout.write(
    run("node_modules/.bin/attw", filename, "--profile", "esm-only", "--exclude-entrypoints", ...excluded),
  );
} finally {
  rmSync(filename);
}
