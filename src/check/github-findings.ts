import { about, type Finding } from './finding.ts';
import type { Asked, GitHubFacts, Self } from './github.ts';
import { hookFindings } from './hook-findings.ts';
import { scopeFindings } from './permissions.ts';
import { again, answered, repositoryFindings } from './repository-findings.ts';

const { ok, warning, wrong } = about('GitHub');

/** What there is to know beside GitHub's answers. */
export interface Around {
  now: Date;
  /** The bot's own API root. */
  apiUrl: string;
  reconcileSeconds: number;
}

/** What to say of GitHub. */
export function githubFindings({ self, repositories, leftOut }: GitHubFacts, around: Around): Finding[] {
  const merges = repositories.some(({ host, apps }) => !host && apps.some(({ autoMerge }) => autoMerge));
  return [
    ...(self.kind === 'app' ? appFindings(self, around) : tokenFindings(self, merges, around)),
    ...repositories.flatMap((one) => repositoryFindings(one, self, around)),
    ...(leftOut > 0 ? [ok(`${notLookedAt(leftOut)} not looked at`)] : []),
  ];
}

const notLookedAt = (count: number): string =>
  count === 1 ? 'one more repository of the catalogue was' : `${count} more repositories of the catalogue were`;

type Headers = Extract<Asked<unknown>, { kind: 'yes' }>['headers'];

/** Of a classic token; what others may do GitHub does not say, or it says nothing instead. */
function scopesIn(headers: Headers, token: string): readonly string[] | undefined {
  const text = headers['x-oauth-scopes'];
  const isClassic = /^(ghp_|gho_|[0-9a-f]{40}$)/.test(token);
  return isClassic && text !== undefined ? String(text).split(/\s*,\s*/) : undefined;
}

const unreachable = (apiUrl: string, cause: string): Finding =>
  wrong(
    `${apiUrl} can’t be reached (${cause})`,
    'Nothing can be deployed, and the repositories were not looked at',
    'Let this machine reach it, or mend GITHUB_API_URL; https://www.githubstatus.com says whether it is GitHub',
  );

function tokenFindings(
  { token, user }: Extract<Self, { kind: 'token' }>,
  merges: boolean,
  { apiUrl, now }: Around,
): Finding[] {
  if (user.kind === 'silent') return [unreachable(apiUrl, user.cause)];
  if (token.startsWith('ghs_')) {
    return [
      wrong(
        'GITHUB_TOKEN is an installation’s token (ghs_…)',
        'It ends within the hour, and workflows do not start for what the token of Actions creates',
        'Set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY in its place, or a personal access token',
      ),
    ];
  }
  if (user.kind === 'no' && user.status !== 401) {
    return [wrong(`It answers GITHUB_TOKEN with ${answered(user)}`, 'Nothing can be deployed', again)];
  }
  if (user.kind === 'no') {
    const fresh = 'Make a new one under Settings → Developer settings → Personal access tokens, and set GITHUB_TOKEN';
    return [wrong(`It does not accept GITHUB_TOKEN (${answered(user)})`, 'Nothing can be deployed', fresh)];
  }
  const { login } = user.value;
  const isFineGrained = token.startsWith('github_pat_');
  const kind = isFineGrained ? 'a fine-grained token' : token.startsWith('ghp_') ? 'a classic token' : 'a token';
  const unsaid = isFineGrained ? '; what it may do GitHub does not say: it needs “Deployments: read and write”' : '';
  return [
    ok(`GITHUB_TOKEN is ${kind} of ${login}${unsaid}`),
    ...expiry(user.headers, now),
    ...scopeFindings(scopesIn(user.headers, token), merges),
  ];
}

const dayMs = 86_400_000;

/** Tokens with an end say it with every answer: docs.github.com, "Managing your personal access tokens". */
function expiry(headers: Headers, now: Date): Finding[] {
  const end = Date.parse(String(headers['github-authentication-token-expiration'] ?? ''));
  const days = Math.floor((end - now.getTime()) / dayMs);
  if (Number.isNaN(days) || days >= 14) return [];
  const soon = `GITHUB_TOKEN expires on ${new Date(end).toISOString().slice(0, 10)}`;
  return [warning(soon, 'Nothing can be deployed from then on', 'Regenerate it, and set GITHUB_TOKEN anew')];
}

function appFindings({ app, hook }: Extract<Self, { kind: 'app' }>, { apiUrl, reconcileSeconds }: Around): Finding[] {
  if (app.kind === 'silent') return [unreachable(apiUrl, app.cause)];
  if (app.kind === 'no') {
    return [
      wrong(
        `It does not accept the App (${answered(app)})`,
        'Nothing can be deployed',
        'See that GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY are of one and the same App, and that this machine’s clock is right',
      ),
    ];
  }
  const owner = {
    settings: `the App’s settings (${app.value.slug}), General and Permissions & events`,
    reconcileSeconds,
  };
  return [ok(`the App is ${app.value.slug}`), ...(hook ? hookFindings(hook, owner) : [])];
}
