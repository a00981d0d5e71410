import type { Deployment, Told } from './deployment.ts';
import type { Ports } from './ports.ts';
import { elapsed, enter, later, refuse, type Step, save, startsWithinMs, stillDoubtful } from './stage.ts';
import type { ParentView } from './story.ts';
import { addressOf } from './tell.ts';
import { parentView } from './view.ts';
import { code, say } from './words.ts';

/** How often, and for how long, the person is told that it was not begun. */
const tellsAgainMs = 10_000;
const tellsWithinMs = 60 * 60_000;

/** Posts the parent message: the deployment's return address, so it comes before the deployment. */
export async function opening(ports: Ports, deployment: Deployment): Promise<Step> {
  // What GitHub has already does not begin by surprise, and is told however late.
  const isLate = !deployment.mirror && elapsed(ports, deployment.askedAt) > startsWithinMs;
  const next = deployment.mirror ? 'created' : 'creating';
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
        return enter(ports, deployment, next, { thread: found.ts, opening: false });
      }
    }
  }
  if (isLate) return refuseUnopened(ports, deployment, tooLate(deployment));
  await save(ports, deployment, { opening: true, openingSince: ports.clock.now().toISOString() });
  const view = await firstLook(ports, deployment);
  const posted = await ports.chat.open(view);
  switch (posted.kind) {
    case 'posted':
      deployment.shown = ports.chat.looks(view);
      ports.journal.add(deployment, { kind: 'opened' });
      return enter(ports, deployment, next, { thread: posted.ts, opening: false });
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

/** What was started elsewhere may have come far by now. */
async function firstLook({ store }: Ports, deployment: Deployment): Promise<ParentView> {
  const { mirror, repository, id } = deployment;
  if (!mirror || id === undefined) return { deployment, notes: [] };
  return parentView({ deployment, notes: [], statuses: await store.statuses(repository, id) });
}

export const tooLate = (deployment: Deployment): Told => ({
  code: 'too-late',
  words: say`More than ten minutes went by before I could begin, so I did not. Type ${code(`/deploy ${deployment.line}`)} again if you still want it.`,
});

/** Nothing was posted and nothing created: only the person who asked hears of it. Where nobody asked in that room, the log does. */
async function refuseUnopened(ports: Ports, deployment: Deployment, refusal: Told): Promise<Step> {
  if (deployment.mirror) {
    ports.journal.add(deployment, { kind: 'unheard', code: refusal.code });
    return enter(ports, deployment, 'refused', { refusal, opening: false });
  }
  const answer = { words: refusal.words, refusal: refusal.code, buttons: refusal.buttons };
  const isTold = await ports.chat.whisper(addressOf(deployment), answer);
  if (!isTold && elapsed(ports, deployment.askedAt) < tellsWithinMs) return later(ports, tellsAgainMs);
  ports.journal.add(deployment, { kind: 'refused', code: refusal.code });
  return enter(ports, deployment, 'refused', { refusal, opening: false });
}
