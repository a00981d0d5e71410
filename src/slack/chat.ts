import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Deployment, Line } from '../deploy/deployment.ts';
import type { Budget, Chat, Clock, Manner, Posted } from '../deploy/ports.ts';
import type { ParentView } from '../deploy/story.ts';
import { type ObserveLimit, type SlackAccess, webClient } from './client.ts';
import { findMessage, parentKey, threadOf } from './find.ts';
import { rates } from './limits.ts';
import { createMending } from './mending.ts';
import { lineMessage, type Message, parentMessage, shownMessage } from './messages.ts';
import { createPace, type Lane } from './pace.ts';
import { asTyped, typedHere } from './phrases.ts';
import { change, post } from './post.ts';
import { mayWrite, roomNames, sharedRooms } from './rooms.ts';
import { standings } from './standing.ts';
import type { Team } from './team.ts';
import { postedOf, troubleOf } from './trouble.ts';
import { whisperer } from './whisper.ts';

export interface SlackChatOptions {
  config: SlackAccess;
  /** Root of GitHub's REST API for apps that name none, for links to commits. */
  githubApiUrl?: string;
  /** Who the bot is, once Slack has said so. */
  team: () => Team | undefined;
  /** The slash command that people use for the bot; `/deploy` if omitted. */
  slash?: () => string;
  /** How much may be said to Slack, shared by all processes. */
  budget: Budget;
  observeLimit?: ObserveLimit;
  clock: Clock;
  log: Logger;
  fetch?: typeof fetch;
}

/** Slack says who the bot is soon after the start. */
const introducedWithinMs = 1_000;

/** One call on its lane. */
interface Turn {
  caller: string;
  lane: Lane;
  /** What Slack counts together with it: for calls that somebody waits for. */
  express?: Lane;
  isWaitedFor?: boolean;
}

/** The port `Chat` over Slack's Web API. Every call is made once; what to do when it fails is the caller's to decide. */
export function slackChat(options: SlackChatOptions): Chat {
  const { config, team, clock, log, observeLimit } = options;
  const client = webClient(config, log, options.fetch, observeLimit);
  // A queue of posts must not hold up an answer to somebody who waits for it.
  const interactive = webClient(config, log, options.fetch, observeLimit);
  const standing = standings(interactive, team, clock);
  const pace = createPace(options.budget, clock, log);
  const mending = createMending(clock);
  const slash = () => options.slash?.() ?? '/deploy';
  const parentOf = (view: ParentView): Message =>
    parentMessage({ ...view, deployment: asTyped(view.deployment, slash()) }, options.githubApiUrl);
  const lineOf = (deployment: Deployment, line: Line, manner: Manner): Message =>
    lineMessage(asTyped(deployment, slash()), line, manner, options.githubApiUrl);

  /** Sends when it is its turn. What nobody waits for is patient with what somebody can mend. */
  async function paced(room: string, turn: Turn, send: () => Promise<Posted>): Promise<Posted> {
    const { caller, lane, express, isWaitedFor = false } = turn;
    const myTurn = () => pace.turn(caller, lane, isWaitedFor ? express : undefined);
    const wait = await myTurn();
    if (wait > 0) return { kind: 'later', afterMs: wait };
    const call = `${lane.name} ${room}`;
    try {
      const posted = await send();
      mending.mended(call);
      return posted;
    } catch (error) {
      const trouble = troubleOf(error);
      const setting = { room, patient: !isWaitedFor, bot: team()?.botName ?? 'deckhand' };
      if (trouble.kind !== 'later') return postedOf(trouble, setting, () => mending.againMs(call));
      const isNext = await pace.hold(caller, trouble.afterMs, lane, ...(express ? [express] : []));
      return { kind: 'later', afterMs: Math.max(trouble.afterMs, isNext ? await myTurn() : 0) };
    }
  }

  /** Changes a message. It may be done twice, so that a doubtful edit is simply done again. */
  async function edit(deployment: Deployment, key: string, ts: string | undefined, message: Message) {
    if (ts === undefined) return refused('message_not_found', 'There is no such message.');
    const { place, request } = deployment;
    const turn = { caller: `edit ${request} ${key}`, lane: editLane(deployment) };
    const outcome = await paced(place.room, turn, () => change(client, place.room, ts, message));
    return outcome.kind === 'doubtful' ? ({ kind: 'later', afterMs: 2_000 } as const) : outcome;
  }

  return {
    open(view) {
      const { place, request } = view.deployment;
      const where = { request, key: parentKey, room: place.room, thread: place.thread };
      // Where somebody asked for it they wait for this.
      const isWaitedFor = view.deployment.mirror === undefined;
      const turn = { caller: `say ${request} ${parentKey}`, ...roomLanes(view.deployment), isWaitedFor };
      return paced(place.room, turn, () => post(client, where, parentOf(view)));
    },

    async edit(view) {
      const { deployment } = view;
      return edit(deployment, parentKey, deployment.parent ?? deployment.thread, parentOf(view));
    },

    looks: (view) =>
      createHash('sha256')
        .update(JSON.stringify(parentOf(view)))
        .digest('base64url'),

    async reply(deployment, line, manner) {
      const { request, place } = deployment;
      const thread = threadOf(deployment);
      // Without its thread a line would stand in the channel, and nobody would know what it is about.
      if (thread === undefined) return refused('thread_not_found', 'It has no thread.');
      const where = { request, key: line.key, room: place.room, thread, loud: manner.loud };
      const turn = { caller: `say ${request} ${line.key}`, ...roomLanes(deployment) };
      return paced(place.room, turn, () => post(client, where, lineOf(deployment, line, manner)));
    },

    async amend(deployment, line) {
      const manner = { loud: false, mention: false, late: false };
      return edit(deployment, line.key, line.telling.ts, lineOf(deployment, line, manner));
    },

    async find(deployment, key) {
      const { request, place } = deployment;
      const us = team();
      // Our own messages can't be told from those of other apps yet.
      if (us === undefined) return { laterMs: introducedWithinMs };
      const lane = { name: `${place.team}/looks`, rate: rates.looks };
      const caller = `look ${request} ${key}`;
      const wait = await pace.turn(caller, lane);
      if (wait > 0) return { laterMs: wait };
      const found = await findMessage(client, us, deployment, key);
      const call = `${lane.name} ${place.room}`;
      if (found === 'to be mended') return { laterMs: mending.againMs(call) };
      const isLimited = found !== 'cannot-look' && 'laterMs' in found;
      if (isLimited) await pace.hold(caller, found.laterMs, lane);
      // Slack may say that it is asked too often before it looks at the token.
      else mending.mended(call);
      return found;
    },

    async say(question, answer, key) {
      const { id: request, place } = question;
      const where = { request, key, room: place.room, thread: place.thread };
      const turn = { caller: `say ${request} ${key}`, ...roomLanes({ place }), isWaitedFor: true };
      const shown = shownMessage(question, { ...answer, words: typedHere(answer.words, slash()) });
      return paced(place.room, turn, () => post(client, where, shown));
    },

    whisper: whisperer(interactive, clock, log, options.fetch ?? fetch, slash),
    standing: (_team, user) => standing(user),
    team: () => team()?.id,
    mayWrite: (place) => mayWrite(interactive, place, team()?.botName ?? 'deckhand'),
    isShared: sharedRooms(interactive, clock),
    roomName: roomNames(interactive, clock),
    permalink: ({ room }, ts) =>
      interactive.chat.getPermalink({ channel: room, message_ts: ts }).then(
        ({ permalink }) => permalink,
        () => undefined,
      ),
  };
}

/** Whose telling it is: what somebody asked for goes before what a room only reads along with. */
type Told = Pick<Deployment, 'place' | 'mirror'>;

/** Slack counts messages by room. */
function roomLanes({ place: { team, room }, mirror }: Told): { lane: Lane; express: Lane } {
  const name = `${team}/${room}`;
  const by = { name: `${name}/read-along`, rate: rates.readAlong };
  return {
    lane: { name, rate: rates.lines, ...(mirror && { by }) },
    express: { name: `${name}/parents`, rate: rates.parents },
  };
}

function editLane({ place: { team }, mirror }: Told): Lane {
  const by = { name: `${team}/edits/read-along`, rate: rates.editsReadAlong };
  return { name: `${team}/edits`, rate: rates.edits, ...(mirror && { by }) };
}

const refused = (error: string, why: string): Posted => ({ kind: 'refused', error, words: [why] });
