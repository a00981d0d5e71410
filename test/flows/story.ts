import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import type { DeploymentObject } from '../../src/sandbox/github/server.ts';
import type { SlackMessage } from '../../src/sandbox/slack/server.ts';
import { type Flow, webhookSecret } from './flow.ts';
import { calm, scene, until } from './seen.ts';

/** Deployments as their rooms see them, and GitHub's events made by hand. */

/** One deployment: GitHub's id of it, and the message that its story stands under. */
export interface Story {
  id: number;
  room: string;
  /** The parent's. */
  ts: string;
  request: string;
}

const repository = 'acme/hello';

/** Types it and waits until GitHub has one deployment more. */
export async function deployed(
  flow: Flow,
  line = 'hello/topic-branch to staging',
  as?: { user?: string; channel?: string },
): Promise<Story> {
  const before = flow.github.deployments(repository).length;
  await flow.type(line, as);
  await until(flow, () => flow.github.deployments(repository).length > before);
  await calm(flow);
  return storyOf(flow.github.deployments(repository)[0] as DeploymentObject);
}

/** The story that a deployment's return address names. */
export function storyOf({ id, payload }: DeploymentObject): Story {
  const { notify, deckhand } = payload as {
    notify: { room: string; message_id: string };
    deckhand: { request: string };
  };
  return { id, room: notify.room, ts: notify.message_id, request: deckhand.request };
}

export function parent(flow: Flow, { room, ts }: Story): SlackMessage {
  const found = flow.slack.messages(room).find((message) => message.ts === ts);
  if (!found) throw new Error(`There is no parent ${ts}.\n${scene(flow)}`);
  return found;
}

export const replies = (flow: Flow, { room, ts }: Story): SlackMessage[] => flow.slack.thread(room, ts);

/** What stands in its thread, oldest first. */
export const lines = (flow: Flow, story: Story): string[] => replies(flow, story).map(({ shown }) => shown);

/** Waits until its thread has that many lines, and what follows from them has happened. No more may have come by then. */
export async function linesOf(flow: Flow, story: Story, count: number): Promise<string[]> {
  // A room takes a line a second.
  await until(flow, () => lines(flow, story).length >= count, { withinMs: 60_000 + count * 1_500 });
  await calm(flow);
  expect(lines(flow, story)).toHaveLength(count);
  return lines(flow, story);
}

/** Which of these words each line has, in the order of the lines: `['queued', 'success']`. Every line must have one. */
export function toldOf(flow: Flow, story: Story, words: readonly string[]): string[] {
  return lines(flow, story).map((line) => words.find((word) => line.includes(word)) ?? `? ${line}`);
}

/** Waits until the thread tells as many lines as expected: these, each named by one of the words that only it has. */
export async function tells(
  flow: Flow,
  story: Story,
  words: readonly string[],
  expected: readonly string[],
): Promise<void> {
  await until(flow, () => lines(flow, story).length >= expected.length);
  await calm(flow);
  expect(toldOf(flow, story, words)).toEqual(expected);
}

/** Waits until the parent looks like that. */
export async function shows(flow: Flow, story: Story, look: RegExp): Promise<void> {
  await until(flow, () => look.test(parent(flow, story).shown));
}

/** Every look that the parent had from now on, oldest first. */
export function looksOf(flow: Flow, story: Story): string[] {
  const looks: string[] = [parent(flow, story).shown];
  flow.slack.on('edit', ({ ts, shown }) => {
    if (ts === story.ts) looks.push(shown);
  });
  return looks;
}

/** A status set with somebody's own token: a deployer that is not the flow's. */
export async function reportAs(flow: Flow, token: string, id: number, state: string, more: object = {}): Promise<void> {
  const response = await fetch(`${flow.github.url}/repos/${repository}/deployments/${id}/statuses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ state, ...more }),
  });
  expect(response.status).toBe(201);
}

/** A deployment that somebody else asked GitHub for, with whatever payload. */
export async function createdElsewhere(flow: Flow, asked: object): Promise<DeploymentObject> {
  const response = await fetch(`${flow.github.url}/repos/${repository}/deployments`, {
    method: 'POST',
    headers: { authorization: 'Bearer ghp_flow_deployer', 'content-type': 'application/json' },
    body: JSON.stringify({ ref: 'topic-branch', auto_merge: false, required_contexts: [], ...asked }),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as DeploymentObject;
}

/** The guids of the deployment_status events so far, oldest first: of one deployment, or of all. */
export function statusEvents(flow: Flow, id?: number): string[] {
  return flow.github.deliveries
    .filter((delivery) => delivery.event === 'deployment_status' && !delivery.redelivery)
    .filter(({ payload }) => id === undefined || payload.deployment.id === id)
    .map(({ guid }) => guid);
}

/** Whatever a payload may hold, for tests that bend it. */
// biome-ignore lint/suspicious/noExplicitAny: tests put anything anywhere in it
export type Payload = any;

/**
 * The body of a deployment_status event as GitHub sends it for this deployment, with these fields of the status. Its id
 * is one that GitHub's list does not have.
 */
export function statusPayload(flow: Flow, { id }: { id: number }, status: Record<string, unknown> = {}): Payload {
  const created = flow.github.deliveries.find(
    ({ event, payload }) => event === 'deployment' && payload.deployment.id === id,
  );
  if (!created) throw new Error(`GitHub has not told of a deployment ${id}.`);
  const { deployment, repository, sender } = structuredClone(created.payload) as Payload;
  invented += 1;
  const at = `${flow.clock.now().toISOString().slice(0, 19)}Z`;
  return {
    action: 'created',
    deployment_status: {
      id: 9_000_000_000 + invented,
      state: 'queued',
      creator: sender,
      description: '',
      environment: deployment.environment,
      target_url: '',
      log_url: '',
      environment_url: '',
      created_at: at,
      updated_at: at,
      ...status,
    },
    deployment,
    repository,
    sender,
  };
}

let invented = 0;

export interface Posting {
  method?: string;
  /** null: the header is left out. */
  event?: string | null;
  contentType?: string | null;
  signature?: string | null;
  secret?: string;
  path?: string;
}

export const signatureOf = (body: string, secret = webhookSecret): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** Posts a body to the bot as GitHub does, signed unless said otherwise. Answers the status code. */
export async function post(flow: Flow, body: string, o: Posting = {}): Promise<number> {
  const headers = {
    'content-type': o.contentType === undefined ? 'application/json' : o.contentType,
    'x-github-event': o.event === undefined ? 'deployment_status' : o.event,
    'x-github-delivery': 'b1f0e1f0-0000-4000-8000-000000000000',
    'x-hub-signature-256': o.signature === undefined ? signatureOf(body, o.secret) : o.signature,
    'user-agent': 'GitHub-Hookshot/5a0dbd0',
  };
  const response = await fetch(`${flow.url}${o.path ?? '/github/webhooks'}`, {
    method: o.method ?? 'POST',
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
    ),
    // Bytes, so that fetch adds no content type of its own.
    body: Buffer.from(body),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Sends a payload as GitHub does, and waits for all that comes of it. It must be taken. */
export async function deliver(flow: Flow, payload: Payload): Promise<void> {
  expect(await post(flow, JSON.stringify(payload))).toBe(200);
  await calm(flow);
}
