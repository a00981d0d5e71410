import { type Deployment, isEnding, type Note, type NoteLine } from './deployment.ts';
import { learnStatuses } from './learn.ts';
import type { Ports } from './ports.ts';
import { Refusal } from './refusal.ts';
import { isPassing, later, save } from './stage.ts';
import type { ParentView, Story } from './story.ts';
import { replacedBy, takenOverBy } from './successor.ts';
import { tell } from './tell.ts';
import { enough } from './told-here.ts';
import { isStatus, parentView, untold } from './view.ts';

/** How long an ending waits for GitHub to say what came before it, when GitHub can't be asked. */
const endingWaitsMs = 10_000;
/** Refusals of an edit that are about the message, and for good; a room that takes no edits may take them again. */
const uneditable = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);
/** When to look again after a post of which nobody knows whether it was said. */
const doubtMs = 2_000;

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
  if (story === 'wait') return { story: await load(ports, deployment), again: later(ports, doubtMs) };

  for (const line of untold(story)) {
    if (await isEnough(ports, story)) return { story, again: later(ports, 0) };
    const outcome = await tell(ports, story, line);
    if (outcome) {
      // The line has to wait; the parent shows the newest all the same.
      story = await load(ports, deployment);
      return { story, again: earliest(outcome, await showParent(ports, story)) ?? outcome };
    }
    // What was told changes how the next one is said: only the first failure is loud.
    story = await load(ports, deployment);
  }
  const again = earliest(await amend(ports, story), await showParent(ports, story));
  return { story, ...(again && { again }) };
}

/** Lines are left out from now on: what is untold is another list, and begins with a note that says so. */
async function isEnough({ store }: Ports, story: Story): Promise<boolean> {
  const note = enough(story);
  return note !== undefined && (await store.addNote(story.deployment.request, note));
}

export const earliest = (a?: Date, b?: Date): Date | undefined => (a && b ? (a < b ? a : b) : (a ?? b));

async function load(ports: Ports, deployment: Deployment): Promise<Story> {
  const notes = await ports.store.notes(deployment.request);
  const statuses = deployment.id === undefined ? [] : await ports.store.statuses(deployment.repository, deployment.id);
  return { deployment, notes, statuses };
}

/**
 * Before an ending is told, or that the run ended without one, asks GitHub for everything before it: webhooks come in any
 * order, and some never. While GitHub can't be asked the ending waits a little, and is then told all the same.
 */
async function complete(ports: Ports, story: Story): Promise<Story | 'wait'> {
  const { deployment } = story;
  const ending = untold(story).find((line) =>
    isStatus(line) ? isEnding(line.status.state) : line.note.kind === 'run-ended',
  );
  // Asked once, however long the line then waits for its turn in the room.
  if (!ending || deployment.id === undefined || deployment.completeBefore === ending.key) return story;
  try {
    await learnStatuses(ports, deployment, story.statuses);
    await save(ports, deployment, { incomplete: undefined, completeBefore: ending.key });
  } catch (error) {
    // A clear no will not change by waiting.
    if (!(error instanceof Refusal) || !isPassing(error)) return story;
    const age = ports.clock.now().getTime() - Date.parse(ending.at);
    if (age < endingWaitsMs) return 'wait';
    // Told without it; what came before is still asked for.
    deployment.incomplete = true;
    await ports.store.saveDeployment(deployment);
    return story;
  }
  return load(ports, deployment);
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
    if (posted.kind === 'later') return later(ports, posted.afterMs);
    if (posted.kind === 'doubtful') return later(ports, doubtMs);
    await ports.store.saveNote(deployment.request, taken);
  }
  return undefined;
}

/**
 * Edits the parent if it would look different. Answers when to come again if it can't be edited now. Where the room is
 * archived or the like it is tried with whatever moves next.
 */
async function showParent(ports: Ports, story: Story): Promise<Date | undefined> {
  const silent = story.statuses.at(-1)?.telling.given === 'silently';
  const view = parentView(
    story,
    replacedBy(story) ?? (silent ? await takenOverBy(ports, story.deployment) : undefined),
  );
  const looks = ports.chat.looks(view);
  if (looks === story.deployment.shown) return undefined;
  const posted = await ports.chat.edit(view);
  if (posted.kind === 'later') return later(ports, posted.afterMs);
  if (posted.kind === 'doubtful') return later(ports, doubtMs);
  if (posted.kind === 'refused' && posted.error === 'message_not_found' && !story.deployment.reopened) {
    return postAnew(ports, view);
  }
  if (posted.kind === 'refused' && !uneditable.has(posted.error)) return undefined;
  story.deployment.shown = looks;
  await ports.store.saveDeployment(story.deployment);
  return undefined;
}

/** Somebody deleted the parent: it is posted anew, once. The thread stays where it is. */
async function postAnew(ports: Ports, view: ParentView): Promise<Date | undefined> {
  const { deployment } = view;
  deployment.reopened = true;
  await ports.store.saveDeployment(deployment);
  const posted = await ports.chat.open(view);
  if (posted.kind === 'later') {
    deployment.reopened = false;
    await ports.store.saveDeployment(deployment);
    return later(ports, posted.afterMs);
  }
  if (posted.kind === 'posted') deployment.parent = posted.ts;
  deployment.shown = ports.chat.looks(view);
  await ports.store.saveDeployment(deployment);
  return undefined;
}
