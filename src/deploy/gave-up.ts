import type { NoteLine } from './deployment.ts';
import { deploymentLease, whileHeld } from './lease.ts';
import type { Ports } from './ports.ts';

/**
 * Moving a deployment on failed again and again, and is not tried any more before there is news: its thread says so once.
 * What failed may be the telling itself, so that this line goes out by itself. Answers nothing; it may fail as well, and
 * then the line is told with the next news.
 */
export async function gaveUp(ports: Ports, request: string): Promise<void> {
  await whileHeld(ports, deploymentLease(request), async ({ store, chat, clock }) => {
    const deployment = await store.deployment(request);
    if (!deployment?.thread) return;
    const at = clock.now().toISOString();
    const line: NoteLine = {
      key: 'broken',
      at,
      note: { key: 'broken', at, kind: 'broken', reference: request },
      telling: {},
    };
    if (!(await store.addNote(request, line.note))) return;
    await store.saveNote(request, { ...line, telling: { intended: true } });
    const posted = await chat.reply(deployment, line, { loud: false, mention: true, late: false });
    if (posted.kind === 'posted') await store.saveNote(request, { ...line, telling: { ts: posted.ts } });
    if (posted.kind === 'later') await store.saveNote(request, line);
  });
}
