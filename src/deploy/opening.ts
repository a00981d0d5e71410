import type { Deployment, Told } from './deployment.ts';
import type { Ports } from './ports.ts';
import { elapsed, enter, later, refuse, type Step, save, startsWithinMs, stillDoubtful } from './stage.ts';
import { addressOf } from './tell.ts';
import { code, say } from './words.ts';

/** How often, and for how long, the person is told that it was not begun. */
const tellsAgainMs = 10_000;
const tellsWithinMs = 60 * 60_000;

/** Posts the parent message: the deployment's return address, so it comes before the deployment. */
export async function opening(ports: Ports, deployment: Deployment): Promise<Step> {
  const isLate = elapsed(ports, deployment.askedAt) > startsWithinMs;
  if (deployment.opening) {
    const early = stillDoubtful(ports, deployment.openingSince);
    if (early) return early;
    const found = await ports.chat.find(deployment, 'parent');
    if (found !== 'cannot-look') {
      if ('laterMs' in found) return later(ports, found.laterMs);
      if (found.ts && isLate) {
        await save(ports, deployment, { thread: found.ts, opening: false });
        return refuse(ports, deployment, tooLate(deployment));
      }
      if (found.ts) {
        ports.journal.add(deployment, { kind: 'found-told', key: 'parent' });
        return enter(ports, deployment, 'creating', { thread: found.ts, opening: false });
      }
    }
  }
  if (isLate) return refuseUnopened(ports, deployment, tooLate(deployment));
  await save(ports, deployment, { opening: true, openingSince: ports.clock.now().toISOString() });
  const view = { deployment, notes: [] };
  const posted = await ports.chat.open(view);
  switch (posted.kind) {
    case 'posted':
      deployment.shown = ports.chat.looks(view);
      ports.journal.add(deployment, { kind: 'opened' });
      return enter(ports, deployment, 'creating', { thread: posted.ts, opening: false });
    case 'later':
      await save(ports, deployment, { opening: false });
      return later(ports, posted.afterMs);
    case 'doubtful':
      ports.journal.add(deployment, { kind: 'doubtful', key: 'parent' });
      await save(ports, deployment, { openingSince: ports.clock.now().toISOString() });
      return 'on';
    case 'refused':
      return refuseUnopened(ports, deployment, { code: posted.error, words: posted.words });
  }
}

export const tooLate = (deployment: Deployment): Told => ({
  code: 'too-late',
  words: say`More than ten minutes went by before I could begin, so I did not. Type ${code(`/deploy ${deployment.line}`)} again if you still want it.`,
});

/** Nothing was posted and nothing created: only the person who asked hears of it. */
async function refuseUnopened(ports: Ports, deployment: Deployment, refusal: Told): Promise<Step> {
  const answer = { words: refusal.words, refusal: refusal.code, buttons: refusal.buttons };
  const isTold = await ports.chat.whisper(addressOf(deployment), answer);
  if (!isTold && elapsed(ports, deployment.askedAt) < tellsWithinMs) return later(ports, tellsAgainMs);
  ports.journal.add(deployment, { kind: 'refused', code: refusal.code });
  return enter(ports, deployment, 'refused', { refusal, opening: false });
}
