// A certified OpenID client signs a user in: node relying_party.mjs <hub> <client id> [<secret>]
//
// It prints the URL for the browser, reads the URL of the redirect from standard input, and prints the result, each on
// one line.

import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { pathToFileURL } from 'node:url';

const client = await import(pathToFileURL(join(process.env.NODE_PATH, 'openid-client', 'build', 'index.js')));

const [hub, id, secret] = process.argv.slice(2);
const authentication = secret ? client.ClientSecretBasic(secret) : client.None();
const config = await client.discovery(new URL(hub), id, secret, authentication, {
  execute: [client.allowInsecureRequests],
});
client.enableNonRepudiationChecks(config); // verify signatures, although they come straight from the hub

const pkceCodeVerifier = client.randomPKCECodeVerifier();
const expectedState = client.randomState();
const expectedNonce = client.randomNonce();
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: 'http://localhost:5173/signin-callback',
  scope: 'openid profile email itwin-platform offline_access',
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: expectedState,
  nonce: expectedNonce,
});
console.log(url.href);

const lines = createInterface({ input: process.stdin });
const answer = await new Promise((done) => lines.once('line', done));
lines.close();

const tokens = await client.authorizationCodeGrant(config, new URL(answer), {
  pkceCodeVerifier,
  expectedState,
  expectedNonce,
  idTokenExpected: true,
});
const { sub } = tokens.claims();
const user = await client.fetchUserInfo(config, tokens.access_token, sub);
const again = await client.refreshTokenGrant(config, tokens.refresh_token);
await client.tokenRevocation(config, again.refresh_token);
const refused = await client.refreshTokenGrant(config, again.refresh_token).then(() => null, (error) => error.error);
console.log(JSON.stringify({ name: user.name, same: again.claims().sub === sub, scope: again.scope, refused }));
