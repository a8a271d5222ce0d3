// A provider of OpenID Connect for the tests: oidc-provider as it comes, with one client and the
// library's own pages for signing in. Reads its settings from the environment, says its port.
import http from "node:http";
import Provider from "oidc-provider";

const server = http.createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: process.env.CLIENT_ID,
    client_secret: process.env.CLIENT_SECRET,
    redirect_uris: [process.env.REDIRECT_URI],
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: [process.env.CLIENT_SECRET] },
  pkce: { required: () => true },
  findAccount: (_, subject) => ({
    accountId: subject,
    claims: () => ({
      sub: subject,
      name: subject,
      email: `${subject}@example.vn`,
      email_verified: !subject.startsWith("unverified"),
    }),
  }),
});

server.on("request", provider.callback());
console.log(issuer);
