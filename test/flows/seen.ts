import { afterEach, expect } from 'vitest';
import type { RecordedRequest } from '../../src/sandbox/github/server.ts';
import type { SlackButton, SlackMessage } from '../../src/sandbox/slack/server.ts';
import { checkDeliveries, checkRecorded } from '../sandbox/github/schema.ts';
import { ann, deploys, type Flow, type FlowOptions, startFlow, webhookSecret } from './flow.ts';

/** What people saw in Slack and what GitHub was asked, and the passing of time in between. */

export interface Flows {
  begin(options?: FlowOptions): Promise<Flow>;
  /** Log lines of level error that this test is about; all others fail it. */
  expectErrors(pattern: RegExp): void;
}

/**
 * Starts flows and ends them after each test. By then all that was said to GitHub must be as GitHub describes it, nothing
 * secret may stand in the log or in Slack, and nothing may have been logged as an error.
 */
export function flows(): Flows {
  let flow: Flow | undefined;
  let expected: RegExp | undefined;
  afterEach(async () => {
    if (!flow) return;
    const ended = flow;
    const wanted = expected;
    flow = undefined;
    expected = undefined;
    await end(ended);
    checkRecorded(ended.github.requests);
    checkDeliveries(ended.github.deliveries);
    expect(secretsIn(ended)).toEqual([]);
    expect(errorsIn(ended).filter((line) => !wanted?.test(line))).toEqual([]);
  });
  return {
    async begin(options) {
      flow = await startFlow(options);
      return flow;
    },
    expectErrors(pattern) {
      expected = pattern;
    },
  };
}

/** Stops everything. What still waits for an answer gets its time to give up. */
async function end(flow: Flow): Promise<void> {
  flow.slack.faults.clear();
  flow.github.faults.clear();
  let over = false;
  const stopped = flow.stop().finally(() => {
    over = true;
  });
  while (!over) {
    await flow.clock.advance(1_000);
    await turn(1);
  }
  await stopped;
}

/** Secrets that stand where somebody could read them. */
function secretsIn(flow: Flow): string[] {
  const { slack, github, log } = flow;
  const secrets = {
    'the bot token': slack.botToken,
    'the app token': slack.appToken,
    'the signing secret': slack.signingSecret,
    'the GitHub token': github.token,
    'the webhook secret': webhookSecret,
    'a response_url': `${new URL(slack.url).origin}/response/`,
    'a socket ticket': 'ticket=',
  };
  const places = {
    'the log': log.join('\n'),
    Slack: JSON.stringify(slack.calls.map(({ args }) => args)),
    'requests to GitHub': JSON.stringify(github.requests.map(({ path, query, body }) => ({ path, query, body }))),
  };
  return Object.entries(places).flatMap(([place, text]) =>
    Object.entries(secrets)
      .filter(([, secret]) => text.includes(secret))
      .map(([name, secret]) => `${name} stands in ${place}: …${around(text, secret)}…`),
  );
}

function around(text: string, part: string): string {
  const at = text.indexOf(part);
  return text.slice(Math.max(0, at - 200), at + part.length + 60);
}

function errorsIn(flow: Flow): string[] {
  return flow.log.filter((line) => (JSON.parse(line) as { level: number }).level >= 50);
}

/** What GitHub was asked for the sake of deployments: not its deliveries, which are looked through by and by. */
export const asked = (flow: Flow): RecordedRequest[] =>
  flow.github.requests.filter(({ path }) => !/\/hooks?(\/|$)/.test(path));

/** The requests that asked GitHub for a deployment, answered or not. */
export function creations(flow: Flow): RecordedRequest[] {
  return flow.github.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/deployments'));
}

/** Everything that stands in any room where people can read it, the bot's messages alone. */
export function posted(flow: Flow): SlackMessage[] {
  const rooms = new Set(flow.slack.calls.map(({ args }) => String(args.channel ?? '')));
  for (const room of ['C0DEPLOYS', 'C0RANDOM', 'C0ELSEWHERE']) rooms.add(room);
  return [...rooms]
    .flatMap((room) =>
      flow.slack.messages(room).flatMap((message) => [message, ...flow.slack.thread(room, message.ts)]),
    )
    .filter((message) => message.bot_id === 'B0DECKHAND');
}

/** The lines to type that a message names, in the order of reading. */
export function namedLines(message: SlackMessage): string[] {
  const texts = (message.blocks ?? []).map((block) => (block as { text?: { text?: string } }).text?.text ?? '');
  return [...(texts.join('\n') || message.text).matchAll(/`((?:\/deploy|@deckhand) [^`]+)`/g)].map(([, line]) =>
    (line ?? '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  );
}

/** The only thing that person was told, once it is there; nothing may stand in a room or have been asked of GitHub. */
export async function refusal(flow: Flow, user = ann): Promise<SlackMessage> {
  await until(flow, () => flow.slack.ephemerals(user).length > 0);
  await calm(flow);
  const told = flow.slack.ephemerals(user);
  expect(told.map(({ shown }) => shown)).toHaveLength(1);
  expect(creations(flow)).toEqual([]);
  expect(flow.github.deployments('acme/hello')).toEqual([]);
  expect(posted(flow).map(({ shown }) => shown)).toEqual([]);
  const others = flow.slack.calls.filter(({ method, args }) => method === 'chat.postEphemeral' && args.user !== user);
  expect(others).toEqual([]);
  return told[0] as SlackMessage;
}

/** Types it and expects it to be refused. */
export async function refused(flow: Flow, text: string, as?: { user?: string; channel?: string }) {
  await flow.type(text, as);
  return refusal(flow, as?.user);
}

/** The button of that label, on the newest message that has one: in a room, in a thread or for that person alone. */
export function button(flow: Flow, label: RegExp, user = ann): { message: SlackMessage; button: SlackButton } {
  const all = [...posted(flow), ...flow.slack.ephemerals(user)];
  const found = all
    .flatMap((message) => message.buttons.map((one) => ({ message, button: one })))
    .filter(({ button: one }) => label.test(one.text))
    .sort((a, b) => Number(a.message.ts) - Number(b.message.ts))
    .at(-1);
  if (!found) throw new Error(`No button ${label}.\n${scene(flow)}`);
  return found;
}

/** Presses the button of that label, once it is there. */
export async function press(flow: Flow, label: RegExp, user = ann): Promise<void> {
  await until(flow, () =>
    [...posted(flow), ...flow.slack.ephemerals(user)].some(({ buttons }) =>
      buttons.some((one) => label.test(one.text)),
    ),
  );
  const { message, button: pressed } = button(flow, label, user);
  const sent = await flow.slack.press({
    user,
    channel: message.channel,
    message: message.ts,
    action: pressed.action_id,
  });
  expect((await sent.acked).status).toBe(200);
}

interface Patience {
  withinMs?: number;
  stepMs?: number;
}

/** Lets time pass in small steps until it is so, and all that comes of it has happened. Fails with what people saw by then. */
export async function until(flow: Flow, isSo: () => boolean | Promise<boolean>, patience?: Patience): Promise<void> {
  await asSoonAs(flow, isSo, patience);
  await calm(flow);
}

/** The same, but at once: for a crash in the middle of what comes of it. */
export async function asSoonAs(
  flow: Flow,
  isSo: () => boolean | Promise<boolean>,
  { withinMs = 60_000, stepMs = 500 }: Patience = {},
): Promise<void> {
  for (let passed = 0; passed <= withinMs; passed += stepMs) {
    if (await isSoByNow(flow, isSo)) return;
    await flow.clock.advance(stepMs);
  }
  throw new Error(`Not so within ${withinMs / 1000} s.\n${scene(flow)}`);
}

/** Whether it is so before any more time has passed. */
async function isSoByNow(flow: Flow, isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  let isCalm = false;
  const settled = calm(flow).finally(() => {
    isCalm = true;
  });
  // Who asks next is told what is wrong.
  settled.catch(() => {});
  for (;;) {
    const wasCalm = isCalm;
    if (await isSo()) return true;
    if (wasCalm) return settled.then(() => false);
    await turn(1);
  }
}

/** Lets that much time pass, and all that comes of it. */
export async function passes(flow: Flow, ms: number, stepMs = 1_000): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) await flow.clock.advance(Math.min(stepMs, left));
}

/** Resolves when nothing is under way between the bot and the platforms but what a fault holds up. */
export const calm = (flow: Flow): Promise<void> => flow.clock.settled();

/** A few turns of the event loop, no longer than the machine needs for a request to itself. */
function turn(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What can be seen, for reading when a test fails. */
export function scene(flow: Flow): string {
  const rooms = posted(flow).map(
    ({ channel, thread_ts, shown, buttons }) =>
      `${thread_ts ? '   ' : ''}${channel}: ${shown}${buttons.map((one) => ` [${one.text}]`)}`,
  );
  const private_ = ['U0ANN', 'U0BOB', 'U0GUS'].flatMap((user) =>
    flow.slack
      .ephemerals(user)
      .map(({ shown, buttons }) => `only ${user}: ${shown}${buttons.map((one) => ` [${one.text}]`)}`),
  );
  const asked = flow.github.requests.map(({ method, path, status, fault }) => `${method} ${path} → ${status ?? fault}`);
  const errors = errorsIn(flow);
  return [
    '--- Slack',
    ...rooms,
    ...private_,
    '--- GitHub',
    ...asked,
    ...(errors.length ? ['--- errors', ...errors] : []),
  ].join('\n');
}

/** The parent message in that room as it is now. */
export async function parentOf(flow: Flow, channel = deploys): Promise<SlackMessage> {
  await until(flow, () => posted(flow).some((message) => message.channel === channel && !message.thread_ts));
  return posted(flow).find((message) => message.channel === channel && !message.thread_ts) as SlackMessage;
}

/** The lines below it, joined. */
export const threadText = (flow: Flow): string =>
  posted(flow)
    .filter(({ thread_ts }) => thread_ts)
    .map(({ shown }) => shown)
    .join('\n');
