// Says what the package weighs in a page: minified by esbuild and compressed by brotli, as servers send it.
// Fails above the limits.
import { build } from "esbuild";
import { brotliCompressSync } from "node:zlib";

const LIMITS = { core: 3 * 1024, react: 2 * 1024 };

/** The bytes of what a page with these imports fetches before anything is clicked. */
async function weigh(imports) {
  const { outputFiles } = await build({
    stdin: { contents: imports, resolveDir: "." },
    bundle: true,
    minify: true,
    format: "esm",
    splitting: true,
    outdir: "out",
    write: false,
    external: ["react", "react/*"],
  });
  const first = outputFiles.find((file) => file.path.endsWith("stdin.js"));
  return brotliCompressSync(first.contents).length;
}

const core = await weigh('export * from "./dist/index.js"');
const both = await weigh('export * from "./dist/index.js"; export * from "./dist/react/index.js"');
const sizes = { core, react: both - core };
for (const [part, bytes] of Object.entries(sizes)) console.log(`${part}: ${bytes} bytes of ${LIMITS[part]}`);
if (Object.entries(sizes).some(([part, bytes]) => bytes > LIMITS[part])) process.exit(1);
