import { about, type Finding } from './finding.ts';
import type { Permissions } from './shapes.ts';

const { warning, wrong } = about('GitHub');

interface Need {
  permission: string;
  /** As GitHub's settings call it. */
  called: string;
  level: 'read' | 'write';
  /** What is not there, or worse, without it. */
  without: string;
  /** The bot works all the same. */
  optional?: true;
}

/** Source: docs.github.com, "Permissions required for GitHub Apps". */
const needs: readonly Need[] = [
  { permission: 'deployments', called: 'Deployments', level: 'write', without: 'Nothing can be deployed from it' },
  { permission: 'contents', called: 'Contents', level: 'read', without: 'No branch, tag or commit can be looked up' },
  {
    permission: 'statuses',
    called: 'Commit statuses',
    level: 'read',
    without: 'What a check says is not told when it stands in the way',
    optional: true,
  },
  {
    permission: 'checks',
    called: 'Checks',
    level: 'read',
    without: 'What a check says is not told when it stands in the way',
    optional: true,
  },
  {
    permission: 'actions',
    called: 'Actions',
    level: 'read',
    without: 'A workflow that breaks before it reports is noticed late',
    optional: true,
  },
  {
    permission: 'actions',
    called: 'Actions',
    level: 'write',
    without: '/deploy cancel can’t cancel the workflow run behind a deployment',
    optional: true,
  },
  {
    permission: 'pull_requests',
    called: 'Pull requests',
    level: 'read',
    without: 'Nobody can deploy a pull request by its number',
    optional: true,
  },
];

const contentsForMerging = (apps: readonly string[]): string =>
  `auto_merge (${apps.join(', ')}) needs “Contents: write” as well`;

/** What an App's installation lacks. `merging`: the apps there whose catalogue entry says `auto_merge`. */
export function permissionFindings(granted: Permissions, merging: readonly string[], of: string): Finding[] {
  const asked = needs.map((need) =>
    need.permission === 'contents' && merging.length > 0
      ? { ...need, level: 'write' as const, without: contentsForMerging(merging) }
      : need,
  );
  const lacking = asked.filter(({ permission, level }) => {
    const has = granted[permission];
    return has !== 'write' && has !== 'admin' && has !== level;
  });
  // Of one permission the first that is lacking says enough.
  const first = lacking.filter(
    (need, index) => lacking.findIndex(({ permission }) => permission === need.permission) === index,
  );
  return first.map((need) => {
    const note = need.optional ? warning : wrong;
    const add = 'Set it in the App’s settings under Permissions & events; then the installation has to accept it';
    return note(`The App lacks “${need.called}: ${need.level}”`, need.without, add, of);
  });
}

/** What a classic token lacks; nothing is known of others. Source: docs.github.com, "Scopes for OAuth apps". */
export function scopeFindings(granted: readonly string[] | undefined, merges: boolean): Finding[] {
  if (!granted || granted.includes('repo')) return [];
  const add = 'Tick it at the token under Settings → Developer settings → Personal access tokens';
  if (!granted.includes('repo_deployment') && !granted.includes('public_repo')) {
    return [wrong('GITHUB_TOKEN has neither the scope repo nor repo_deployment', 'Nothing can be deployed', add)];
  }
  if (merges && !granted.includes('public_repo')) {
    return [wrong('GITHUB_TOKEN has not the scope repo', 'auto_merge pushes, which it may not', add)];
  }
  return [];
}
