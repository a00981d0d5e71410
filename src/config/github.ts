import { createPrivateKey } from 'node:crypto';
import { apiRoot, publicApiRoot } from '../catalog/api-root.ts';
import type { Variables } from './variables.ts';

export interface GitHubConfig {
  /** Root of the REST API, without a slash at its end. */
  readonly apiUrl: string;
  readonly auth: Readonly<{ kind: 'token'; token: string } | GitHubApp>;
  /** Enables `/deploy login`. */
  readonly clientId?: string;
  /** Any of them makes a webhook's signature good. */
  readonly webhookSecrets: readonly string[];
}

export interface GitHubApp {
  kind: 'app';
  /** The app's number, or its client id (`Iv…`), which GitHub takes as well. */
  id: string;
  /** PKCS #8 PEM. */
  privateKey: string;
}

/** What is wrong is noted; then the answer is undefined or counts for nothing. */
export function readGitHub(variables: Variables, apiUrl: string | undefined): GitHubConfig | undefined {
  const auth = readAuth(variables);
  variables.required(
    'GITHUB_WEBHOOK_SECRET',
    'the secret of the webhook that GitHub sends to /github/webhooks; make one with `openssl rand -hex 32` and give it to both',
  );
  const webhookSecrets = variables.list('GITHUB_WEBHOOK_SECRET');
  const clientId = variables.text('GITHUB_APP_CLIENT_ID');
  return apiUrl && auth && webhookSecrets ? { apiUrl, auth, clientId, webhookSecrets } : undefined;
}

/** What is wrong is noted. */
export function readApiUrl(variables: Variables): string | undefined {
  const root = apiRoot(variables.text('GITHUB_API_URL') ?? publicApiRoot);
  if ('url' in root) return root.url;
  variables.wrong(`GITHUB_API_URL ${root.wrong}`);
  return undefined;
}

function readAuth(variables: Variables): GitHubConfig['auth'] | undefined {
  const token = variables.text('GITHUB_TOKEN');
  const id = variables.text('GITHUB_APP_ID');
  const key = variables.text('GITHUB_APP_PRIVATE_KEY');
  const app = readApp(variables, id, key);

  if (token !== undefined && (id !== undefined || key !== undefined)) {
    const which =
      'deployments would be made in either one’s name: unset GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY';
    variables.wrong(`GITHUB_TOKEN and a GitHub App are both set, and ${which}`);
    return undefined;
  }
  if (token !== undefined) {
    // It travels in a header, where anything else would fail late and far from here.
    if (/^[\x21-\x7e]+$/.test(token)) return { kind: 'token', token };
    variables.wrong('GITHUB_TOKEN has white space or other characters in it that no token has: copy it again');
    return undefined;
  }
  if (id === undefined && key === undefined) {
    variables.wrong(
      'GITHUB_TOKEN is missing: a token with read and write access to deployments, or set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY for a GitHub App',
    );
  }
  return app;
}

function readApp(variables: Variables, id: string | undefined, key: string | undefined): GitHubApp | undefined {
  if (id === undefined && key !== undefined) {
    variables.wrong(
      'GITHUB_APP_ID is missing: the App ID from the GitHub App’s settings, to go with GITHUB_APP_PRIVATE_KEY',
    );
  }
  if (id !== undefined && key === undefined) {
    variables.wrong(
      'GITHUB_APP_PRIVATE_KEY is missing: a private key (PEM) from the GitHub App’s settings, to go with GITHUB_APP_ID',
    );
  }
  const isId = id === undefined || /^(\d+|Iv[\w.]+)$/.test(id);
  if (!isId) variables.wrong('GITHUB_APP_ID must be the app’s number, or its client ID (Iv…)');
  const privateKey = key === undefined ? undefined : readKey(variables, key);
  return id && isId && privateKey ? { kind: 'app', id, privateKey } : undefined;
}

/** Many places that hold variables can't hold line ends, so `\n` written out is one; and some keep the quotes. */
function readKey(variables: Variables, text: string): string | undefined {
  const pem = text
    .replace(/^(["'])(.*)\1$/s, '$2')
    .replaceAll('\\r', '')
    .replaceAll('\\n', '\n');
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs8', format: 'pem' }).toString();
    variables.wrong('GITHUB_APP_PRIVATE_KEY is no RSA key: use the one that GitHub made for the app');
  } catch {
    // The reason may quote the key.
    const isPem = /^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem);
    variables.wrong(
      isPem
        ? 'GITHUB_APP_PRIVATE_KEY can’t be read: give the whole PEM file, unencrypted, its line ends kept or written as \\n'
        : 'GITHUB_APP_PRIVATE_KEY is no private key: give what the .pem file contains (-----BEGIN … PRIVATE KEY----- and so on), not its name',
    );
  }
  return undefined;
}
