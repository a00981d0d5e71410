import { type Deployment, type NoteLine, refOf } from './deployment.ts';
import { deploymentLease, whileHeld } from './lease.ts';
import type { Ports } from './ports.ts';
import { enter, save } from './stage.ts';
import type { Story } from './story.ts';
import { addressOf } from './tell.ts';
import { code, say } from './words.ts';

/**
 * Moving a deployment on failed again and again, and is not tried any more before there is news: its thread says so, once
 * until it moves on. What failed may be the telling itself, so that this line goes out by itself. Answers nothing; it may
 * fail as well, and then the line is told with the next news. Without a thread the person who asked is told.
 */
export async function gaveUp(ports: Ports, request: string): Promise<void> {
  await whileHeld(ports, deploymentLease(request), async (held) => {
    const { store, chat, clock } = held;
    const deployment = await store.deployment(request);
    if (!deployment) return;
    if (!deployment.thread) return refuseUnopened(held, deployment);
    const at = clock.now().toISOString();
    const key = brokenKey(deployment);
    const line: NoteLine = { key, at, note: { key, at, kind: 'broken', reference: request }, telling: {} };
    if (!(await store.addNote(request, line.note))) return;
    await store.saveNote(request, { ...line, telling: { intended: true } });
    const posted = await chat.reply(deployment, line, { loud: false, mention: !deployment.mirror, late: false });
    if (posted.kind === 'posted') await store.saveNote(request, { ...line, telling: { ts: posted.ts } });
    if (posted.kind === 'later') await store.saveNote(request, line);
  });
}

/** It is over with that, and does not begin by surprise. Who could not be told is told when it is given up the next time. */
async function refuseUnopened(ports: Ports, deployment: Deployment): Promise<void> {
  if (deployment.mirror || deployment.stage !== 'opening') return;
  const { app, environment, request } = deployment;
  const what = code(`${app}/${refOf(deployment)}`);
  const words = say`Something broke in me, again and again, so I could not begin to deploy ${what} to ${environment}. Nothing was deployed. Give this number to whoever runs me: ${code(request)}.`;
  if (!(await ports.chat.whisper(addressOf(deployment), { words, refusal: 'broken' }))) return;
  ports.journal.add(deployment, { kind: 'refused', code: 'broken' });
  await enter(ports, deployment, 'refused', { refusal: { code: 'broken', words }, opening: false });
}

/** It moved on: should it fail for good once more, that is to be told again. */
export async function movedOn(ports: Ports, { deployment, notes }: Story): Promise<void> {
  if (!notes.some(({ key }) => key === brokenKey(deployment))) return;
  await save(ports, deployment, { mended: (deployment.mended ?? 0) + 1 });
}

/** Of the failure that lasts now, or of the next one. */
const brokenKey = ({ mended = 0 }: Deployment): string => (mended === 0 ? 'broken' : `broken-${mended}`);
