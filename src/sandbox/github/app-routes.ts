import type { Answer } from '../faults.ts';
import { type App, appObject, type Installation, installationObject, type Permissions } from './app.ts';
import { readFields } from './fields.ts';
import { stamp } from './memory.ts';
import { invalid, notFound, Refused } from './refused.ts';
import type { Call, Route } from './route.ts';

/** What a GitHub App does with its JSON web token. Source: docs.github.com/rest/apps/apps. */
export const appRoutes: Route[] = [
  {
    method: 'GET',
    path: '/app',
    docs: 'apps/apps#get-the-authenticated-app',
    perform: (call) => {
      const app = appOf(call);
      const body = { ...appObject(app, call.links), installations_count: app.installations.length };
      return { status: 200, body };
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/installation',
    docs: 'apps/apps#get-a-repository-installation-for-the-authenticated-app',
    perform: (call) => {
      const app = appOf(call);
      const repository = call.github.findRepository(`${call.params.owner}/${call.params.repo}`);
      const name = repository?.fullName.toLowerCase();
      const installation = app.installations.find(({ repositories }) => name && repositories.includes(name));
      if (!repository || !installation) throw notFound();
      return { status: 200, body: installationObject(app, installation, repository.owner, call.links) };
    },
  },
  {
    method: 'POST',
    path: '/app/installations/{id}/access_tokens',
    docs: 'apps/apps#create-an-installation-access-token-for-an-app',
    perform: createToken,
  },
];

/** Throws 401 for everything but an App's JSON web token. */
export function appOf({ caller }: Call): App {
  if (caller.kind === 'app') return caller.app;
  throw new Refused({ status: 401, message: 'A JSON web token could not be decoded' });
}

function createToken(call: Call): Answer {
  const app = appOf(call);
  const installation = app.installations.find(({ id }) => String(id) === call.params.id);
  if (!installation) throw notFound();
  const fields = readFields('Installation', call.body);
  const names = fields.texts('repositories');
  const ids = fields.numbers('repository_ids');
  const permissions = fields.object('permissions') as Permissions | undefined;
  fields.refuseIfWrong();
  const narrowed = {
    repositories: repositoriesOf(call, installation, names, ids),
    permissions: granted(installation, permissions),
  };
  const { token, expiresAt } = call.github.access.issue(app, installation, narrowed);
  const body = {
    token,
    expires_at: stamp(expiresAt),
    permissions: narrowed.permissions,
    repository_selection: 'selected',
  };
  return { status: 201, body };
}

/** All of the installation's, or those asked for by name (without owner) or id. */
function repositoriesOf(call: Call, installation: Installation, names?: string[], ids?: number[]): string[] {
  if (!names && !ids) return installation.repositories;
  const all = installation.repositories.map((name) => call.github.findRepository(name));
  const wanted = [
    ...(names ?? []).map((name) => all.find((one) => one?.name.toLowerCase() === name.toLowerCase())),
    ...(ids ?? []).map((id) => all.find((one) => one?.id === id)),
  ];
  return wanted.map((repository) => {
    if (repository) return repository.fullName.toLowerCase();
    const message =
      'There is at least one repository that does not exist or is not accessible to the parent installation.';
    throw new Refused({ status: 422, message });
  });
}

function granted(installation: Installation, asked: Permissions | undefined): Permissions {
  if (!asked) return installation.permissions;
  for (const [name, level] of Object.entries(asked)) {
    const has = installation.permissions[name];
    if (has === 'write' || has === level) continue;
    const message = 'The permissions requested are not granted to this installation.';
    throw invalid([{ resource: 'Installation', field: 'permissions', code: 'custom', message }]);
  }
  return asked;
}
