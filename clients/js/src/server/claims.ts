/** The claims of an access token (RFC 9068 §2.2). Times are seconds since 1970. */
export interface AccessClaims {
  /** The service that issued it. */
  iss: string;
  aud: string | string[];
  /** The user's id, which never changes; of a client that signed in for itself, its own. */
  sub: string;
  exp: number;
  iat: number;
  nbf?: number;
  /** The token's own id. */
  jti: string;
  /** `jeton` for people who signed in at the service; of any other client, its id. */
  client_id: string;
  /** The session, which its user can end. Clients have none. */
  sid?: string;
  /** The user's version: every token below it is revoked when it is raised. */
  uv?: number;
  /** When the user last proved who they are. */
  auth_time?: number;
  username?: string;
  roles?: string[];
  /** What the token covers, with spaces between. */
  scope?: string;
  /** The administrator who acts in the user's place. */
  act?: { sub: string };
  /** The user's custom claims. */
  [claim: string]: unknown;
}

const isText = (value: unknown) => typeof value === "string";
const isInteger = (value: unknown) => Number.isSafeInteger(value);
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);

const REQUIRED: Record<string, (value: unknown) => boolean> = {
  sub: isText,
  exp: isInteger,
  iat: isInteger,
  jti: isText,
  client_id: isText,
};

const OPTIONAL: Record<string, (value: unknown) => boolean> = {
  nbf: isInteger,
  sid: isText,
  uv: isInteger,
  auth_time: isInteger,
  username: isText,
  roles: isTexts,
  scope: isText,
  act: (value) => typeof value === "object" && value !== null && "sub" in value && isText(value.sub),
};

/** Whether every claim has its type: one of a wrong type is an error, never an absent one. */
export function isAccessClaims(payload: Record<string, unknown>): payload is AccessClaims {
  const has = (name: string) => Object.hasOwn(payload, name);
  return (
    Object.entries(REQUIRED).every(([name, fits]) => has(name) && fits(payload[name])) &&
    Object.entries(OPTIONAL).every(([name, fits]) => !has(name) || fits(payload[name]))
  );
}
