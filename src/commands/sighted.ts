import { ago } from '../deploy/age.ts';
import type { App } from '../deploy/apps.ts';
import type { Stage } from '../deploy/deployment.ts';
import { shown } from '../deploy/line.ts';
import type { Sighting } from '../deploy/sighting.ts';
import { signOf } from '../deploy/sign.ts';
import type { InEnvironment } from '../deploy/where.ts';
import { link, list, say, type Words } from '../deploy/words.ts';
import { commitLink } from './naming.ts';

/** How a sign and a few words say how far a deployment has come. */
export const signFor = ({ state, course }: Sighting): string =>
  state === undefined ? (course === undefined ? '❔' : '⚪') : signOf(state);

/** `in progress`; before there is a state, what is waited for. */
export function stateOf({ state, ours, course }: Pick<Sighting, 'state' | 'ours' | 'course'>): string {
  if (state !== undefined) return state.replaceAll('_', ' ');
  if (ours) return before[ours.stage] ?? ours.stage;
  return course === undefined ? 'not looked at' : 'no status yet';
}

/** What people read while GitHub has no status yet. */
const before: Partial<Record<Stage, string>> = {
  opening: 'starting',
  creating: 'being created',
  settling: 'being looked for on GitHub',
  merging: 'waiting for the checks of the merged head',
  created: 'waiting for a deployer',
  unknown: 'GitHub may or may not have created it',
  refused: 'not deployed',
};

/** Ref and commit, and the task where it is not the app's own. */
export function whatIs({ ref, sha, task }: Sighting, app: Pick<App, 'task'>, home: string | undefined): Words {
  // A commit that was asked for by its SHA has no other name.
  const name = sha.startsWith(ref) ? [] : say`${shown(ref)} `;
  return [...name, commitLink(sha, home), ...(task === app.task ? [] : say` (${shown(task)})`)];
}

/** Since when and by whom. */
export const whenAndWho = ({ since, by }: Sighting, now: Date): Words => say`${ago(since, now)} by ${by}`;

/** Where it can be followed or seen, and its id, for the verbs that take one. */
export function trailOf({ id, logUrl, environmentUrl }: Sighting): Words {
  const all = [
    ...(id === undefined ? [] : [`#${id}`]),
    ...(logUrl === undefined ? [] : [link('log', logUrl)]),
    ...(environmentUrl === undefined ? [] : [link('open', environmentUrl)]),
  ];
  return all.length === 0 ? [] : [' (', ...all.flatMap((one, index) => (index === 0 ? [one] : [', ', one])), ')'];
}

/** What nobody looked at, unless it is among those that are shown: what is known here of ours needs no look. */
export const unlookedAt = ({ unseen, underWay }: Pick<InEnvironment, 'unseen' | 'underWay'>): readonly Sighting[] =>
  unseen === undefined || underWay.some(({ id }) => id === unseen.id) ? [] : [unseen];

/** Why GitHub told no more, in a line of its own. One reason will do: it is nearly always the same for all. */
export function whyUntold(environments: readonly InEnvironment[]): Words {
  const refused = environments.filter(({ refusal }) => refusal !== undefined);
  const [reason] = refused.map(({ refusal }) => refusal ?? []);
  return reason ? say`\n${names(refused)}: ${reason}` : [];
}

/** Names of environments in one line. */
export const names = (all: readonly { environment: { name: string } }[]): Words =>
  list(
    all.map(({ environment }) => ({ bold: environment.name })),
    'and',
  );
