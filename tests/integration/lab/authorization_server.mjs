// An OAuth2 authorization server for tests: npm's oidc-provider behind TLS, told by one JSON file how to behave.
//
// Refresh tokens rotate; the second use of one revokes everything that came from the same consent. Every answer of the
// token endpoint is noted as a line of JSON, so that a test can count them.

import { appendFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:https';
import { pathToFileURL } from 'node:url';

const told = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const found = createRequire(pathToFileURL(`${told.modules}/`)).resolve('oidc-provider');
const { Provider } = await import(pathToFileURL(found));

const mailboxOf = (token) => token.accountId ?? told.mailboxes[token.clientId];

const provider = new Provider(told.issuer, {
  clients: told.clients,
  scopes: ['openid', 'offline_access', 'email', 'profile', told.scope],
  // whoever signs in with a name that begins so has an address that nobody has made sure of
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  ttl: {
    AccessToken: () => told.seconds,
    ClientCredentials: () => told.seconds,
    RefreshToken: () => 86400,
    DeviceCode: () => 600,
    AuthorizationCode: () => 60,
    Grant: () => 86400,
    Interaction: () => 600,
    Session: () => 86400,
  },
  rotateRefreshToken: true,
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  extraTokenClaims: async (ctx, token) => ({ email: mailboxOf(token) }),
  findAccount: async (ctx, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: id.replace(/^unverified-/, ''), email_verified: !id.startsWith('unverified-') }),
  }),
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true, allowedPolicy: async () => true },
    revocation: { enabled: true },
    devInteractions: { enabled: true },
  },
});

provider.use(async (ctx, next) => {
  await next();
  if (ctx.oidc?.route !== 'token') return;
  appendFileSync(told.log, `${JSON.stringify({
    grant: ctx.oidc.params?.grant_type ?? '',
    client: ctx.oidc.client?.clientId ?? '',
    status: ctx.status,
    error: ctx.body?.error ?? '',
  })}\n`);
});

createServer({ key: readFileSync(told.key), cert: readFileSync(told.chain) }, provider.callback())
  .listen(told.port, '127.0.0.1');
