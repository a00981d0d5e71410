import type { Deployment } from './deployment.ts';
import type { Check, Ports } from './ports.ts';
import { elapsed, enter, ignoreRefusals, later, refuse, type Step, save } from './stage.ts';
import { repositoryOf } from './successor.ts';
import { checksAreIn } from './verdict.ts';
import { say } from './words.ts';

/** The checks of a merged head are asked for soon, then ever less often, and no longer than this. */
const checksFirstMs = 1_000;
const checksEveryMs = 10_000;
const checksWaitMs = 30 * 60_000;
/** A merged head on which no check has been reported by now has none. */
const noChecksAfterMs = 60_000;

/** GitHub merged the default branch into the ref; its new head's checks are waited for, then GitHub is asked again. */
export async function merging(ports: Ports, deployment: Deployment): Promise<Step> {
  const notes = await ports.store.notes(deployment.request);
  if (notes.some((line) => line.note.kind === 'called-off')) {
    return enter(ports, deployment, 'refused', { refusal: { code: 'called-off', words: say`It was called off.` } });
  }
  const waited = elapsed(ports, deployment.stageAt);
  if (waited > checksWaitMs) {
    return refuse(ports, deployment, {
      code: 'checks-slow',
      words: say`The checks of the merged head were not in after ${Math.round(checksWaitMs / 60_000)} minutes. Type it again when they are green.`,
    });
  }
  const checks = await mergedChecks(ports, deployment);
  const required = deployment.create.required_contexts;
  if (checks && checksAreIn(checks, required, waited >= noChecksAfterMs)) {
    return enter(ports, deployment, 'creating', {});
  }
  return later(ports, Math.min(checksEveryMs, Math.max(checksFirstMs, waited)));
}

/** The checks of the head that GitHub's merge made; nothing while GitHub can't be asked. */
async function mergedChecks(ports: Ports, deployment: Deployment): Promise<Check[] | undefined> {
  const repository = repositoryOf(deployment);
  try {
    if (!deployment.mergedSha) {
      const { sha } = await ports.github.resolve(repository, deployment.create.ref);
      await save(ports, deployment, { mergedSha: sha, sha });
    }
    return await ports.github.checks(repository, deployment.mergedSha ?? deployment.sha);
  } catch (error) {
    return ignoreRefusals(error);
  }
}
