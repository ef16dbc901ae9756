// A certified OpenID Connect server on a free port of this machine; runs until standard input is closed.
//
// In addition to the endpoints of the server, GET /_test/tokens returns the number of requests to its token endpoint,
// and POST /_test/fail?status=503&times=2 makes the next ones fail.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { Provider } = await import(pathToFileURL(join(process.env.NODE_PATH, 'oidc-provider', 'lib', 'index.js')));

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  scopes: ['openid', 'offline_access', 'itwin-platform'],
  clients: [
    {
      client_id: 'service',
      client_secret: 'the-secret-of-the-service',
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    },
    ...['native', 'native-abc123'].map((id) => ({
      client_id: id,
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/signin-callback', 'http://localhost/signin-callback'],
    })),
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true },
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  cookies: { keys: ['for tests'] },
  ttl: { AccessToken: 3600, ClientCredentials: 600, Grant: 86400, Interaction: 3600, RefreshToken: 86400, Session: 86400 },
});

let requests = 0;
let failure = { status: 503, times: 0 };

provider.use(async (context, next) => {
  if (context.path === '/_test/tokens') {
    context.body = { requests };
  } else if (context.path === '/_test/fail') {
    failure = { status: Number(context.query.status), times: Number(context.query.times) };
    context.status = 204;
  } else if (context.path === '/token') {
    requests += 1;
    if (failure.times > 0) {
      failure.times -= 1;
      context.status = failure.status;
      context.body = '';
    } else {
      await next();
    }
  } else {
    await next();
  }
});

server.on('request', provider.callback());
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
console.log(JSON.stringify({ issuer }));
