import { about, type Finding } from './finding.ts';
import type { Asked, RepositoryFacts, Self } from './github.ts';
import type { Around } from './github-findings.ts';
import { hookFindings } from './hook-findings.ts';
import { permissionFindings } from './permissions.ts';

const { ok, warning, wrong } = about('GitHub');

/** What to do about an answer that explains itself. */
export const again = 'Mend what GitHub says there, and check again';

/** A status of 0: it was not even asked. */
export const answered = ({ status, said }: { status: number; said: string }): string =>
  [status || '', said].filter((part) => part !== '').join(', ');

/** What to say of one repository of the catalogue. */
export function repositoryFindings(facts: RepositoryFacts, self: Self, around: Around): Finding[] {
  const { fullName, host, repository, installation, hooks } = facts;
  const of = host ? `${host}/${fullName}` : fullName;
  if (installation && isKnown(self) && !isUsable(installation)) return [notInstalled(installation.kind === 'yes', of)];
  if (repository.kind !== 'yes') return notShown(repository, of, self, host !== undefined);
  const { archived, default_branch: branch, full_name: realName } = repository.value;
  const problems = [
    ...(archived
      ? [wrong('It is archived', 'Nothing can be deployed from it', 'Take it out of the catalogue', of)]
      : []),
    ...(realName.toLowerCase() === fullName.toLowerCase() ? [] : [renamed(realName, of)]),
    ...mayDeploy(facts, of),
    ...environmentFindings(facts, of),
  ];
  const settings = 'Settings → Webhooks of the repository';
  const { reconcileSeconds } = around;
  const ofHooks = hooks ? hookFindings(hooks, { of, settings, reconcileSeconds }) : [];
  if (problems.length > 0) return [...problems, ...ofHooks];
  return [ok(`it can be deployed from; its default branch is ${branch}`, of), ...ofHooks];
}

/** Whether GitHub takes what the bot is configured with; it was said of it once if not. */
const isKnown = (self: Self): boolean => (self.kind === 'app' ? self.app : self.user).kind === 'yes';

type Installation = NonNullable<RepositoryFacts['installation']>;

/** Where GitHub did not say, what comes after that says more. */
function isUsable(installation: Installation): boolean {
  if (installation.kind === 'yes') return !installation.value.suspended_at;
  return !(installation.kind === 'no' && installation.status === 404);
}

function notInstalled(isSuspended: boolean, of: string): Finding {
  const nothing = 'Nothing can be deployed from it';
  const where = 'on GitHub under Settings → GitHub Apps';
  if (isSuspended) return wrong('The App is suspended there', nothing, `Lift that ${where}`, of);
  const what = 'The App is not installed there, or there is no such repository';
  return wrong(what, nothing, `Install it ${where}, with access to the repository`, of);
}

function notShown(
  repository: Exclude<Asked<unknown>, { kind: 'yes' }>,
  of: string,
  self: Self,
  hasOwnHost: boolean,
): Finding[] {
  const nothing = 'Nothing can be deployed from it';
  if (repository.kind === 'silent') {
    return [wrong(`It could not be looked at (${repository.cause})`, nothing, 'Check again in a minute', of)];
  }
  // Said once already, of the token or the App.
  if (!isKnown(self) && !hasOwnHost) return [];
  if (repository.status !== 404) {
    return [wrong(`It answered ${answered(repository)}`, nothing, again, of)];
  }
  const spelling = 'Spell it as on GitHub, or give the token access to it';
  return [wrong('There is no such repository, or the token is not shown it', nothing, spelling, of)];
}

const renamed = (realName: string, of: string): Finding =>
  wrong(
    `It is called ${realName} now`,
    'GitHub’s webhooks say the new name, which the catalogue does not know',
    `Write ${realName} in the catalogue`,
    of,
  );

function mayDeploy({ apps, repository, installation }: RepositoryFacts, of: string): Finding[] {
  if (installation?.kind === 'yes') {
    const merging = apps.filter(({ autoMerge }) => autoMerge).map(({ name }) => name);
    return permissionFindings(installation.value.permissions, merging, of);
  }
  const { permissions } = repository.kind === 'yes' ? repository.value : {};
  if (!permissions || permissions.push) return [];
  const grant = 'Give its owner the role Write in the repository, or use the token of somebody who has it';
  return [wrong('The token may read it and not write', 'Nothing can be deployed from it', grant, of)];
}

function environmentFindings({ apps, environments }: RepositoryFacts, of: string): Finding[] {
  if (!environments) return [];
  const known = new Set(environments.map((name) => name.toLowerCase()));
  const wanted = apps.flatMap((app) => {
    const lasting = app.environments
      .filter(({ transient }) => !transient)
      .map(({ githubEnvironment }) => githubEnvironment);
    return app.environments.length > 0 ? lasting : (app.defaultEnvironment ?? []);
  });
  const missing = [...new Set(wanted)].filter((name) => !known.has(name.toLowerCase()));
  if (missing.length === 0) return [];
  return [
    warning(
      `It has no environment ${missing.join(', ')} yet`,
      'GitHub makes one at the first deployment, without any protection rules; a misspelt one too',
      'Leave it so if the name is right; else mend it in the catalogue, or make the environment under Settings → Environments',
      of,
    ),
  ];
}
