// Writes src/codes.ts: the error codes of a running service, as its OpenAPI document lists them.
// With --check it only compares, and fails when the file is not current.
//
//     npm run codes http://localhost:5000
import { readFile, writeFile } from "node:fs/promises";

const [service = "http://localhost:5000", mode] = process.argv.slice(2);
const file = new URL("../src/codes.ts", import.meta.url);
const answer = await fetch(new URL("/openapi.json", service));
const document = await answer.json();
const codes = document.components.schemas.ErrorCode.enum;
const text = `// Written by \`npm run codes\` from the service's OpenAPI document; a test compares them.

/** Every code that an error body of the service can have. */
export type ServiceErrorCode =
${codes.map((code) => `  | "${code}"`).join("\n")};
`;
if (mode !== "--check") {
  await writeFile(file, text);
} else if ((await readFile(file, "utf8")) !== text) {
  console.error("src/codes.ts is not what the service's document says: run `npm run codes`");
  process.exit(1);
}
