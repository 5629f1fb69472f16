// Writes vectors_jose.json: tokens of a second foreign issuer, under the keys of vectors.json.
// Run `npm install jose@6`, then `node make_vectors.mjs`. The output is always the same.
import { createHash, createPrivateKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { SignJWT, UnsecuredJWT } from "jose";

const NOW = 1_763_700_000;
const { apps } = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8"));
const keys = apps.flatMap((app) => app.keys);

/** The private half of an Ed25519 key, made from its name as make_vectors.py makes it. */
function ed25519(name) {
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  const seed = createHash("sha256").update(name).digest();
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: "der", type: "pkcs8" });
}

function issue({ kid = "hs-1", typ = "call+jwt", aud = "call", sub = "alice", iat = NOW - 60, exp = NOW + 3540, ...claims }) {
  const { algorithm, text } = keys.find((key) => key.id === kid);
  const token = new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ, kid });
  token.setIssuer("1001").setAudience(aud).setIssuedAt(iat).setExpirationTime(exp);
  if (sub !== null) token.setSubject(sub);
  return token.sign(algorithm === "EdDSA" ? ed25519(kid) : new TextEncoder().encode(text));
}

const alice = { app: 1001, user: "alice", issued: NOW - 60, expires: NOW + 3540 };
const server = { kid: "srv-1", typ: "srv+jwt", aud: "rest", sub: null, iat: NOW - 10, exp: NOW + 50 };
const unsecured = new UnsecuredJWT({}).setIssuer("1001").setSubject("alice").setAudience("call");
const vectors = [
  { name: "HS256", call: "user", token: await issue({}), expect: { ...alice, key: "hs-1" } },
  { name: "EdDSA, PEM", call: "user", token: await issue({ kid: "ed-1" }), expect: { ...alice, key: "ed-1" } },
  { name: "EdDSA, raw", call: "user", token: await issue({ kid: "ed-raw" }), expect: { ...alice, key: "ed-raw" } },
  { name: "name", call: "user", token: await issue({ name: "Алиса" }), expect: { ...alice, name: "Алиса" } },
  { name: "aud is a list", call: "user", token: await issue({ aud: ["call"] }), expect: "Malformed" },
  { name: "no sub", call: "user", token: await issue({ sub: null }), expect: "Malformed" },
  { name: "typ JWT", call: "user", token: await issue({ typ: "JWT" }), expect: "WrongType" },
  { name: "expired", call: "user", token: await issue({ exp: NOW - 60 + 0.5, iat: NOW - 120 }), expect: "Expired" },
  { name: "unsecured", call: "user", token: unsecured.setIssuedAt(NOW).setExpirationTime(NOW + 60).encode(), expect: "Malformed" },
  { name: "server, HS256", call: "server", token: await issue(server), expect: { app: 1001, key: "srv-1" } },
  { name: "server, EdDSA", call: "server", token: await issue({ ...server, kid: "srv-ed" }), expect: { app: 1001, key: "srv-ed" } },
  { name: "server token for a user", call: "user", token: await issue(server), expect: "WrongType" },
].map((vector) => ({ ...vector, now_ms: NOW * 1000 }));

writeFileSync(new URL("vectors_jose.json", import.meta.url), `${JSON.stringify({ vectors }, null, 1)}\n`);
