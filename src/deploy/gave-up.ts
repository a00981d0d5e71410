import type { Deployment, NoteLine } from './deployment.ts';
import { deploymentLease, whileHeld } from './lease.ts';
import type { Ports } from './ports.ts';
import { save } from './stage.ts';
import type { Story } from './story.ts';

/**
 * Moving a deployment on failed again and again, and is not tried any more before there is news: its thread says so, once
 * until it moves on. What failed may be the telling itself, so that this line goes out by itself. Answers nothing; it may
 * fail as well, and then the line is told with the next news.
 */
export async function gaveUp(ports: Ports, request: string): Promise<void> {
  await whileHeld(ports, deploymentLease(request), async ({ store, chat, clock }) => {
    const deployment = await store.deployment(request);
    if (!deployment?.thread) return;
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

/** It moved on: should it fail for good once more, that is to be told again. */
export async function movedOn(ports: Ports, { deployment, notes }: Story): Promise<void> {
  if (!notes.some(({ key }) => key === brokenKey(deployment))) return;
  await save(ports, deployment, { mended: (deployment.mended ?? 0) + 1 });
}

/** Of the failure that lasts now, or of the next one. */
const brokenKey = ({ mended = 0 }: Deployment): string => (mended === 0 ? 'broken' : `broken-${mended}`);
