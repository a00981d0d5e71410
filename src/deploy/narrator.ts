import {
  type Deployment,
  inOrder,
  isEnding,
  isFailure,
  type Line,
  type Note,
  type NoteLine,
  type Status,
  type StatusLine,
  type Telling,
} from './deployment.ts';
import type { Address, Manner, Ports, Posted } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { ParentView, Story } from './story.ts';
import { repositoryOf, successor, wasTakenOver } from './successor.ts';
import { bold, code, room, say, type Words } from './words.ts';

/** How long an ending waits for GitHub to say what came before it, when GitHub can't be asked. */
const endingWaitsMs = 10_000;
/** Refusals of GitHub's that are over by themselves. */
const passing = new Set(['github-unreachable', 'rate-limited']);
/** When to look again after a post of which nobody knows whether it was said. */
const doubtMs = 2_000;

const isStatus = (line: Line): line is StatusLine => 'status' in line;
const isOver = ({ telling }: Line): boolean => telling.ts !== undefined || telling.given !== undefined;

/** Lines that nobody has read yet, in the order in which they happened. */
export function untold(story: Story): Line[] {
  const notes = story.notes.filter((line) => !isOver(line));
  const statuses = story.statuses.filter((line) => !isOver(line));
  // GitHub's times have whole seconds, ours do not: a note of the same second comes after what GitHub said.
  return [...statuses, ...notes].sort((a, b) => {
    if (isStatus(a) && isStatus(b)) return inOrder(a.status, b.status);
    const [first, second] = [a.at.slice(0, 19), b.at.slice(0, 19)];
    if (first !== second) return first < second ? -1 : 1;
    return isStatus(a) === isStatus(b) ? (a.at < b.at ? -1 : 1) : isStatus(a) ? -1 : 1;
  });
}

/** How a line is said, given everything else that is known. */
export function manner(line: Line, story: Story): Manner {
  if (!isStatus(line)) return { loud: false, mention: false, late: false };
  const newerTold = story.statuses.some(
    (other) => inOrder(other.status, line.status) > 0 && other.telling.ts !== undefined,
  );
  const ending = isEnding(line.status.state);
  return {
    // Whichever failure is told first is the loud one, and only that one.
    loud: isFailure(line.status.state) && !story.statuses.some(wasLoud),
    mention: ending && !newerTold,
    late: newerTold,
    ...(ending && took(story.deployment, line.status)),
  };
}

const wasLoud = ({ status, telling }: StatusLine): boolean => isFailure(status.state) && telling.ts !== undefined;

function took(deployment: Deployment, ending: Status): { tookMs?: number } {
  const ms = Date.parse(ending.createdAt) - Date.parse(deployment.createdAt ?? deployment.askedAt);
  return Number.isFinite(ms) && ms >= 0 ? { tookMs: ms } : {};
}

/** What the parent shows: the newest status in GitHub's order, whenever it arrived. */
export function parentView(story: Story, newerId?: number): ParentView {
  const statuses = story.statuses.map((line) => line.status);
  const last = statuses.at(-1);
  const silent = story.statuses.at(-1)?.telling.given === 'silently' && last?.state === 'inactive';
  // A deployment that was taken over still shows how it ended.
  const status = silent ? (statuses.findLast(({ state }) => state !== 'inactive') ?? last) : last;
  const ending = statuses.findLast(({ state }) => isEnding(state));
  const logUrl = statuses.findLast((known) => known.logUrl)?.logUrl;
  const environmentUrl = statuses.findLast((known) => known.environmentUrl)?.environmentUrl;
  return {
    deployment: story.deployment,
    ...(status && { status }),
    notes: story.notes.map((line) => line.note),
    ...(ending && took(story.deployment, ending)),
    ...(logUrl && { logUrl }),
    ...(environmentUrl && { environmentUrl }),
    ...(silent && { superseded: newerId === undefined ? {} : { by: newerId } }),
  };
}

/** What the narrator tells its caller: the deployment as it is now, and when to come again. */
interface Narrated {
  story: Story;
  again?: Date;
}

/**
 * Brings the thread to where it should be: says what is untold, in order, then makes the parent show the newest. May be
 * called any number of times. Stores the intention before each post and the message after it.
 */
export async function narrate(ports: Ports, deployment: Deployment): Promise<Narrated> {
  if (!deployment.thread) return { story: await load(ports, deployment) };
  let story = await complete(ports, await load(ports, deployment));
  if (story === 'wait') return { story: await load(ports, deployment), again: soon(ports, doubtMs) };

  for (const line of untold(story)) {
    const outcome = await tell(ports, story, line);
    if (outcome) return { story: await load(ports, deployment), again: outcome };
    // What was told changes how the next one is said: only the first failure is loud.
    story = await load(ports, deployment);
  }
  const again = earliest(await amend(ports, story), await showParent(ports, story));
  return { story, ...(again && { again }) };
}

export const earliest = (a?: Date, b?: Date): Date | undefined => (a && b ? (a < b ? a : b) : (a ?? b));

const soon = (ports: Ports, ms: number): Date => new Date(ports.clock.now().getTime() + ms);

async function load(ports: Ports, deployment: Deployment): Promise<Story> {
  const notes = await ports.store.notes(deployment.request);
  const statuses = deployment.id === undefined ? [] : await ports.store.statuses(deployment.repository, deployment.id);
  return { deployment, notes, statuses };
}

/**
 * Before an ending is told, asks GitHub for everything before it: webhooks come in any order, and some never. While
 * GitHub can't be asked the ending waits a little, and is then told all the same.
 */
async function complete(ports: Ports, story: Story): Promise<Story | 'wait'> {
  const { deployment } = story;
  const ending = untold(story)
    .filter(isStatus)
    .find(({ status }) => isEnding(status.state));
  if (!ending || deployment.id === undefined) return story;
  try {
    await learnStatuses(ports, deployment, story.statuses);
    deployment.incomplete = undefined;
  } catch (error) {
    // A clear no will not change by waiting.
    if (!(error instanceof Refusal) || !passing.has(error.code)) return story;
    const age = ports.clock.now().getTime() - Date.parse(ending.status.createdAt);
    if (age < endingWaitsMs) return 'wait';
    // Told without it; what came before is still asked for.
    deployment.incomplete = true;
    await ports.store.saveDeployment(deployment);
    return story;
  }
  return load(ports, deployment);
}

/** Stores every status that GitHub has and we don't. Answers whether there were any. */
export async function learnStatuses(
  ports: Ports,
  deployment: Deployment,
  known: readonly StatusLine[],
): Promise<boolean> {
  if (deployment.id === undefined) return false;
  const ids = new Set(known.map(({ status }) => status.id));
  const all = await ports.github.statuses(repositoryOf(deployment), deployment.id);
  const fresh = all.filter((status) => !ids.has(status.id));
  await Promise.all(fresh.map((status) => ports.store.recordStatus({ ...status, repository: deployment.repository })));
  return fresh.length > 0;
}

/** Tells one line, unless it need not be told. Answers when to come again if it could not be told now. */
async function tell(ports: Ports, story: Story, line: Line): Promise<Date | undefined> {
  const { deployment } = story;
  if (isStatus(line) && (await wasTakenOver(ports, story, line))) {
    await save(ports, deployment, line, { given: 'silently' });
    return undefined;
  }
  if (line.telling.intended || deployment.adopted) {
    const found = await ports.chat.find(deployment, line.key);
    if (found === 'cannot-look') {
      // Better said twice than lost, for an ending; better lost than said twice, for a step on the way.
      const matters = !isStatus(line) || isEnding(line.status.state);
      if (!matters) {
        await save(ports, deployment, line, { given: 'up' });
        return undefined;
      }
    } else if ('laterMs' in found) {
      return soon(ports, found.laterMs);
    } else if (found.ts) {
      await save(ports, deployment, line, { ts: found.ts });
      return undefined;
    }
  }
  await save(ports, deployment, line, { intended: true });
  return settlePost(ports, deployment, line, await ports.chat.reply(deployment, line, manner(line, story)));
}

async function settlePost(ports: Ports, deployment: Deployment, line: Line, posted: Posted): Promise<Date | undefined> {
  switch (posted.kind) {
    case 'posted':
      await save(ports, deployment, line, { ts: posted.ts });
      return undefined;
    case 'later':
      await save(ports, deployment, line, {});
      return soon(ports, posted.afterMs);
    case 'doubtful':
      return soon(ports, doubtMs);
    case 'refused':
      // For good: the room can't hear us any more. The person who asked is told, once, and the record is kept.
      await save(ports, deployment, line, { given: 'up' });
      await tellAskerAlone(ports, deployment, line, posted);
      return undefined;
  }
}

/** Tells the person who asked, once, that the room can't be written to any more, and what the news was. */
async function tellAskerAlone(
  ports: Ports,
  deployment: Deployment,
  line: Line,
  why: { error: string; words: Words },
): Promise<void> {
  const note = { key: 'unheard', at: ports.clock.now().toISOString(), kind: 'unheard', error: why.error } as const;
  if (!(await ports.store.addNote(deployment.request, note))) return;
  await ports.store.saveNote(deployment.request, { key: note.key, at: note.at, note, telling: { given: 'up' } });
  const { app, create, environment, place, id, request } = deployment;
  const news = isStatus(line)
    ? say` is at ${line.status.state.replaceAll('_', ' ')}${line.status.description ? `: ${line.status.description}` : ''}`
    : say` goes on`;
  await ports.chat.whisper(
    { ...addressOf(deployment), direct: true },
    {
      words: say`${code(`${app}/${create.ref}`)} to ${bold(environment)}${news}. This comes to you alone, since I can’t write in ${room(place.room)} any more: ${why.words} ${code(`/deploy status ${id ?? request}`)} tells the rest.`,
    },
  );
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

/** Notes that ask for something, and when that has come. */
function isAnswered(note: Note, { deployment, statuses }: Story): boolean {
  if (note.kind === 'no-deployer') return statuses.length > 0;
  if (note.kind === 'unknown') return deployment.id !== undefined;
  return note.kind === 'merged' && deployment.stage !== 'merging';
}

/**
 * Lines that say something else by now: the alarms that nobody deploys, or that nobody knows whether it was created, are
 * taken back when somebody does; a wait that is over can't be called off. Answers when to come again if one can't be edited now.
 */
async function amend(ports: Ports, story: Story): Promise<Date | undefined> {
  const { deployment } = story;
  for (const line of story.notes) {
    const { note } = line;
    if (line.telling.ts === undefined || !isAnswered(note, story) || ('answered' in note && note.answered)) continue;
    const taken: NoteLine = { ...line, note: { ...note, answered: true } as Note };
    const posted = await ports.chat.amend(deployment, taken);
    if (posted.kind === 'later') return soon(ports, posted.afterMs);
    if (posted.kind === 'doubtful') return soon(ports, doubtMs);
    await ports.store.saveNote(deployment.request, taken);
  }
  return undefined;
}

/** Edits the parent if it would look different. Answers when to come again if it can't be edited now. */
async function showParent(ports: Ports, story: Story): Promise<Date | undefined> {
  const silent = story.statuses.at(-1)?.telling.given === 'silently';
  const view = parentView(story, silent ? await successor(ports, story.deployment) : undefined);
  const looks = ports.chat.looks(view);
  if (looks === story.deployment.shown) return undefined;
  const posted = await ports.chat.edit(view);
  if (posted.kind === 'later') return soon(ports, posted.afterMs);
  if (posted.kind === 'doubtful') return soon(ports, doubtMs);
  story.deployment.shown = looks;
  await ports.store.saveDeployment(story.deployment);
  return undefined;
}
