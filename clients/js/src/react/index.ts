export { useJeton, useSession, useUser } from "./context.js";
export { JetonProvider, type JetonProviderProps, SignedIn, SignedOut } from "./provider.js";
export { RenewalPrompt } from "./renewal-prompt.js";
export { SignIn, type SignInProps } from "./sign-in.js";
export type { Texts } from "./texts.js";
