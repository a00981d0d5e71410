import type { Deployment, Told } from './deployment.ts';
import type { Check, CreateResult } from './ports.ts';
import type { Button } from './refusal.ts';
import { code, link, say, type Words } from './words.ts';

type No = Exclude<CreateResult, { kind: 'created' | 'doubtful' }>;

/** GitHub's no in plain words: what it means, and what to do. Nothing was created. */
export function notDeployed(result: No, deployment: Deployment): Told {
  const { ref } = deployment.create;
  switch (result.kind) {
    case 'conflict':
      return {
        code: 'merge-conflict',
        words: say`GitHub was asked to merge the default branch into ${code(ref)} first, and the two conflict.`,
        details: [say`GitHub says: ${result.message}`],
        advice: say`Merge the default branch into ${code(ref)} yourself, push, and type it again; or deploy it as it is with ${code(`/deploy ${withoutMerge(deployment)}`)}.`,
        buttons: [again(deployment)],
      };
    case 'checks':
      return {
        code: 'checks-failed',
        words: say`The checks of ${code(ref)} are not green; ${summary(result.checks)}.`,
        details: unfinished(result.checks).map(checkLine),
        advice: say`When they are green, type it again. To deploy all the same: ${code(`/deploy ${deployment.forcedLine}`)}.`,
        buttons: [again(deployment), force(deployment)],
      };
    case 'merged':
      return {
        code: 'merged-again',
        words: say`GitHub merged the default branch into ${code(ref)} once more instead of deploying it; the default branch moves too fast.`,
        advice: say`Type it again in a quiet moment, or deploy ${code(ref)} as it is with ${code(`/deploy ${withoutMerge(deployment)}`)}.`,
        buttons: [again(deployment)],
      };
    case 'refused':
      return { code: result.code, words: result.words, buttons: [again(deployment)] };
    case 'later':
      return { code: 'rate-limited', words: result.words, buttons: [again(deployment)] };
  }
}

const again = (deployment: Deployment): Button => ({ label: 'Try again', line: deployment.line });
const force = (deployment: Deployment): Button => ({
  label: 'Force',
  line: deployment.forcedLine,
  danger: true,
});
const withoutMerge = (deployment: Deployment): string =>
  `${deployment.line.replace(/ --auto-merge\b/, '')} --no-auto-merge`;

/** Only `success` lets GitHub create; neutral and skipped block as well (seen live). */
const unfinished = (checks: readonly Check[]): Check[] => checks.filter(({ state }) => state !== 'success');

function summary(checks: readonly Check[]): Words {
  const bad = unfinished(checks);
  const [first] = bad;
  if (!first) return say`GitHub does not say which`;
  const more = bad.length === 1 ? '' : `, and ${bad.length - 1} more`;
  return say`${code(first.context)} ${inWords(first.state)}${more}`;
}

function checkLine(check: Check): Words {
  const details: Words = check.url ? [', ', link('see why', check.url)] : [];
  return say`${code(check.context)} ${inWords(check.state)}${details}`;
}

/** A check's state as the end of a sentence that its name begins. */
function inWords(state: string): string {
  if (state === 'missing') return 'has never reported';
  if (state === 'failure') return 'failed';
  if (state === 'error') return 'broke off';
  if (state === 'timed_out') return 'timed out';
  if (state === 'cancelled' || state === 'skipped') return `was ${state}`;
  if (running.has(state)) return 'is still running';
  return `is ${state.replaceAll('_', ' ')}`;
}

const running = new Set(['pending', 'queued', 'in_progress', 'waiting', 'requested', 'expected', 'missing']);

/**
 * Whether GitHub can be asked again after its merge: the required contexts have ended, or all that report have. A head
 * on which nothing reports has no checks, once it has been given time (`patient`).
 */
export function checksAreIn(
  checks: readonly Check[],
  required: readonly string[] | undefined,
  patient: boolean,
): boolean {
  if (required) {
    return required.every((context) => {
      const known = checks.filter((check) => check.context === context);
      return known.length > 0 && known.every(({ state }) => !running.has(state));
    });
  }
  if (checks.length === 0) return patient;
  return checks.every(({ state }) => !running.has(state));
}
