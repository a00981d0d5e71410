import { type Deployment, refOf, type State, type WorkflowRun } from '../deploy/deployment.ts';
import { signOf } from '../deploy/sign.ts';
import { webRoot } from '../deploy/web-root.ts';
import { bold, code, link, say, type Words } from '../deploy/words.ts';
import { shownAtMost } from './limits.ts';
import { shortened } from './text.ts';

/** How each state looks and reads, the same everywhere, in GitHub's own words. One that GitHub adds later is shown by its own name. */
export const stateLooks = (state: State): { sign: string; word: string } => ({
  sign: signOf(state),
  word: sentence(shortened(state.replaceAll('_', ' '), shownAtMost.name)),
});

/** How an ending reads after the name of what was deployed. */
export const outcome = (state: State): string =>
  state === 'success' ? 'succeeded' : state === 'failure' ? 'failed' : 'hit an error';

/** How a workflow run ended without success, after its name. GitHub may know more endings than we do. */
export const runEnded = ({ conclusion }: WorkflowRun): string =>
  runEndings[conclusion] ??
  `ended (${shortened(conclusion.replaceAll('_', ' '), shownAtMost.name) || 'nobody says how'})`;

const runEndings: Partial<Record<string, string>> = {
  cancelled: 'was cancelled',
  failure: 'failed',
  skipped: 'was skipped',
  stale: 'was given up by GitHub',
  startup_failure: 'could not start',
  timed_out: 'timed out',
};

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1) || 'Unnamed state';

/** `hello/topic-branch`, as somebody would type it. */
export function what(deployment: Deployment): string {
  return `${shortened(deployment.app, shownAtMost.name)}/${shortened(refOf(deployment), shownAtMost.ref)}`;
}

/** What goes where. The ref stands in fixed width, so that it can be copied with whatever is in it. */
export const target = (deployment: Deployment): Words => say`${code(what(deployment))} to ${bold(where(deployment))}`;

export const where = (deployment: Deployment): string => shortened(deployment.environment, shownAtMost.name);

/** A commit by its first 7 digits, linked where its host has a page for it. */
export function commit(deployment: Deployment, sha: string, apiUrl: string | undefined): Words {
  const root = webRoot(deployment.apiUrl ?? apiUrl);
  const short = sha.slice(0, 7);
  return [root ? link(short, `${root}/${deployment.repository}/commit/${sha}`) : code(short)];
}

/** `4 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`: the two largest units, whole. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return 'less than a second';
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}

/** A description on one line, or nothing. */
export function described(description: string): Words {
  const line = shortened(description, shownAtMost.description);
  return line === '' ? [] : [`: ${line}`];
}

/** Links to the log and to what was deployed, where there are any. */
export function links(logUrl: string | undefined, environmentUrl: string | undefined, environment: string): Words[] {
  return [
    logUrl ? [link('Log', logUrl)] : [],
    environmentUrl ? [link(`Open ${environment}`, environmentUrl)] : [],
  ].filter((words) => words.length > 0);
}

/** What to type, as people type it here: the workspace may have given the slash command another name. */
export const typedHere = (words: Words, slash: string): Words =>
  words.map((piece) =>
    typeof piece === 'object' && 'code' in piece ? code(piece.code.replace(/^\/deploy\b/, () => slash)) : piece,
  );

/** A deployment whose refusal says what people type here. */
export function asTyped(deployment: Deployment, slash: string): Deployment {
  const { refusal } = deployment;
  if (refusal === undefined) return deployment;
  const { words, details, advice } = refusal;
  return {
    ...deployment,
    refusal: {
      ...refusal,
      words: typedHere(words, slash),
      ...(details && { details: details.map((detail) => typedHere(detail, slash)) }),
      ...(advice && { advice: typedHere(advice, slash) }),
    },
  };
}
