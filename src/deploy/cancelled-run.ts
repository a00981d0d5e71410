import type { CancelledRun } from './deployment.ts';
import { link, say, type Words } from './words.ts';

/** What became of the run behind a deployment that was cancelled, in a sentence. */
export function cancelledRun(run: CancelledRun): Words {
  const itsRun: Words = 'url' in run && run.url ? ['Its ', link('workflow run', run.url)] : ['Its workflow run'];
  switch (run.kind) {
    case 'asked':
      return say`${itsRun} was asked to stop.`;
    case 'over':
      return say`${itsRun} had ended already.`;
    case 'unclear-answer':
      return say`${itsRun} could not be cancelled: GitHub gave no clear answer. Cancel once more in a minute, and I ask again.`;
    case 'none':
      return say`No workflow run was found behind it.`;
    case 'unclear':
      return say`Which workflow run is behind it can’t be told, so none was cancelled.`;
    case 'refused':
      return say`${itsRun} could not be cancelled. ${run.words}`;
  }
}
