import { type Deployment, isEnding, type Line, type Note, refOf, type Telling } from './deployment.ts';
import type { Address, Ports, Posted } from './ports.ts';
import { later, stillDoubtful } from './stage.ts';
import type { Story } from './story.ts';
import { wasTakenOver } from './successor.ts';
import { isUnwanted } from './told-here.ts';
import { isStatus, manner, parentView } from './view.ts';
import { bold, code, room, say, type Words } from './words.ts';

/** How often a line is said at most where nobody can look whether it was: an ending rather twice than never. */
const saidAtMost = 2;
/** How soon and how often the person who asked is told again, where that did not get through. */
const aloneAgainMs = 10_000;
const aloneAtMost = 30;

/** Tells one line, unless it need not be told. Answers when to come again if it could not be told now. */
export async function tell(ports: Ports, story: Story, line: Line): Promise<Date | undefined> {
  const { deployment } = story;
  const given = await withoutLine(ports, story, line);
  if (given) {
    await save(ports, deployment, line, { given });
    return undefined;
  }
  if (line.telling.intended || deployment.adopted) {
    const settled = await settleDoubt(ports, story, line);
    if (settled !== 'say it') return settled;
  }
  const tries = (line.telling.tries ?? 0) + 1;
  const since = ports.clock.now().toISOString();
  await save(ports, deployment, line, { intended: true, since, tries });
  const posted = await ports.chat.reply(deployment, line, manner(line, story));
  if (posted.kind !== 'doubtful') return settlePost(ports, deployment, line, posted);
  ports.journal.add(deployment, { kind: 'doubtful', key: line.key });
  // It went out as late as just now: from here on it may take a while to show.
  const now = ports.clock.now().toISOString();
  await save(ports, deployment, line, { intended: true, since: now, tries });
  return stillDoubtful(ports, now);
}

/** Why a line need not be said, if so. */
async function withoutLine(ports: Ports, story: Story, line: Line): Promise<Telling['given']> {
  if (isStatus(line)) {
    if (await wasTakenOver(ports, story, line)) return 'silently';
    return isUnwanted(story.deployment, line) ? 'unwanted' : undefined;
  }
  if (line.note.kind === 'replaced') return 'silently';
  // The run said how the deployment ended after all; an ending and the end of the run come in any order.
  const isSaid = line.note.kind === 'run-ended' && story.statuses.some(({ status }) => isEnding(status.state));
  return isSaid ? 'silently' : undefined;
}

/** A line of which nobody knows whether it was said: looks for it in the thread. */
async function settleDoubt(ports: Ports, story: Story, line: Line): Promise<'say it' | Date | undefined> {
  const { deployment } = story;
  const early = stillDoubtful(ports, line.telling.since);
  if (early) return early;
  const found = await ports.chat.find(deployment, line.key);
  if (found === 'cannot-look') {
    // Better said twice than lost, for an ending; better lost than said twice, for a step on the way.
    const matters = !isStatus(line) || isEnding(line.status.state);
    if (matters && (line.telling.tries ?? 1) < saidAtMost) return onceSlackTakes(ports, story);
    await save(ports, deployment, line, { given: 'up' });
    ports.journal.add(deployment, { kind: 'given-up', key: line.key, error: 'cannot-look' });
    return undefined;
  }
  if ('laterMs' in found) return later(ports, found.laterMs);
  if (!found.ts) return 'say it';
  await save(ports, deployment, line, { ts: found.ts });
  ports.journal.add(deployment, { kind: 'found-told', key: line.key });
  return undefined;
}

/**
 * The last time that a line is said waits until the outage is over: the parent is edited first, which may be done any
 * number of times.
 */
async function onceSlackTakes(ports: Ports, story: Story): Promise<'say it' | Date> {
  const edited = await ports.chat.edit(parentView(story));
  return edited.kind === 'later' ? later(ports, edited.afterMs) : 'say it';
}

async function settlePost(
  ports: Ports,
  deployment: Deployment,
  line: Line,
  posted: Exclude<Posted, { kind: 'doubtful' }>,
): Promise<Date | undefined> {
  switch (posted.kind) {
    case 'posted':
      await save(ports, deployment, line, { ts: posted.ts });
      ports.journal.add(deployment, { kind: 'told', key: line.key, ...measured(ports, line) });
      return undefined;
    case 'later':
      // Surely not said, so that this try does not count.
      await save(ports, deployment, line, line.telling.tries ? { tries: line.telling.tries } : {});
      return later(ports, posted.afterMs);
    case 'refused':
      return unheard(ports, deployment, line, posted);
  }
}

/** What is known of a told line for measuring: its state, and how long after the bot got to know of it. */
function measured(ports: Ports, line: Line): { state?: string; lagMs?: number } {
  const since = isStatus(line) ? line.status.receivedAt : line.at;
  return {
    ...(isStatus(line) && { state: line.status.state }),
    ...(since && { lagMs: ports.clock.now().getTime() - Date.parse(since) }),
  };
}

/**
 * For good: the room can't hear us any more. The person who asked is told, once, what the news was, and the record is
 * kept. Answers when to come again if the person could not be told now.
 */
async function unheard(
  ports: Ports,
  deployment: Deployment,
  line: Line,
  why: { error: string; words: Words },
): Promise<Date | undefined> {
  const giveUp = async () => {
    await save(ports, deployment, line, { given: 'up' });
    ports.journal.add(deployment, { kind: 'given-up', key: line.key, error: why.error });
    return undefined;
  };
  // Nobody asked for it here who could be told.
  if (deployment.mirror) return giveUp();
  const at = ports.clock.now().toISOString();
  const known = (await ports.store.notes(deployment.request)).find(({ note }) => note.kind === 'unheard');
  const note: Note = known?.note ?? { key: 'unheard', at, kind: 'unheard', error: why.error };
  const tries = (known?.telling.tries ?? 0) + 1;
  if (tries <= aloneAtMost) {
    const told = await ports.chat.whisper(
      { ...addressOf(deployment), direct: true },
      alone(deployment, line, why.words),
    );
    const telling: Telling = { given: 'up', tries: told ? aloneAtMost : tries };
    await ports.store.saveNote(deployment.request, { key: note.key, at: note.at, note, telling });
    if (!told && tries < aloneAtMost) {
      await save(ports, deployment, line, {});
      return later(ports, aloneAgainMs);
    }
  }
  return giveUp();
}

function alone(deployment: Deployment, line: Line, why: Words): { words: Words } {
  const { app, environment, place, id, request } = deployment;
  const news = isStatus(line)
    ? say` is at ${line.status.state.replaceAll('_', ' ')}${line.status.description ? `: ${line.status.description}` : ''}`
    : say` goes on`;
  return {
    words: say`${code(`${app}/${refOf(deployment)}`)} to ${bold(environment)}${news}. This comes to you alone, since I can’t write in ${room(place.room)} any more: ${why} ${code(`/deploy status ${id ?? request}`)} tells the rest.`,
  };
}

/** Where the person who asked can be answered privately. */
export const addressOf = (deployment: Deployment): Address => ({
  place: deployment.place,
  user: deployment.asker.id,
  at: deployment.askedAt,
  ...(deployment.answerUrl && { answerUrl: deployment.answerUrl }),
});

async function save(ports: Ports, deployment: Deployment, line: Line, telling: Telling): Promise<void> {
  if (isStatus(line)) await ports.store.tellStatus(line.status, telling);
  else await ports.store.saveNote(deployment.request, { ...line, telling });
}
