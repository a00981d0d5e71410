import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Claim, Deployment } from './deployment.ts';

/** The first thing that is signed: what is signed here can never pass for anything else that the same key signs. */
const version = 'deckhand return address 1';

/** Keys of a payload that neither the app nor the person may set. */
const reserved = ['user', 'room_id', 'name', 'hosts', 'notify', 'deckhand'];

/** Those of them that say who asked and where the answer goes, and nothing of what is deployed. */
const ours = reserved.filter((name) => name !== 'hosts');

/** Longer than any id or name of Slack's; what is longer was not made by us. */
const longestField = 256;

/** What GitHub itself says of a deployment; nobody with push access can choose it for a deployment of ours. */
export interface Facts {
  /** `owner/name`, in any case. */
  repository: string;
  task: string;
  /** The environment it was created for (`original_environment`). */
  environment: string;
  ref: string;
  sha: string;
  createdAt: string;
}

/** What the signature covers. */
interface Signed {
  request: string;
  team: string;
  room: string;
  /** The parent message, and the thread it is in: two ids where somebody asked in a thread, one where not. */
  message: string;
  thread: string;
  repository: string;
  task: string;
  environment: string;
}

/**
 * The payload that a deployer gets: who asked for what, and where the answer goes, signed with the first key. What the
 * app and the person put in stays, but `config` apart it never takes the place of a key that is ours, set or not.
 */
export function payloadFor(deployment: Deployment, keys: readonly string[]): Record<string, unknown> {
  const { request, place, asker, app, hosts, thread: message, create } = deployment;
  const [key] = keys;
  if (message === undefined) throw new Error('A deployment has no return address before its parent message.');
  if (!key) throw new Error('There is no key to sign return addresses with.');
  const thread = place.thread ?? message;
  const { task, environment } = create;
  const { team, room } = place;
  const signed = { request, team, room, message, thread, repository: deployment.repository, task, environment };
  return {
    user: asker.login ?? asker.name,
    room_id: room,
    name: app,
    ...(hosts.length > 0 && { hosts: hosts.join(',') }),
    ...Object.fromEntries(Object.entries(create.payload).filter(([field]) => !reserved.includes(field))),
    notify: {
      adapter: 'slack',
      room,
      room_name: place.roomName,
      user: asker.id,
      user_name: asker.name,
      message_id: message,
      thread_id: thread,
    },
    deckhand: { request, team, signature: sign(signed, key) },
  };
}

/**
 * Whose deployment a payload says it is, if that is signed by us for this very repository, task and environment. Nothing
 * for everything else: forged, cut short, copied from another deployment, or not ours at all. Never throws.
 *
 * The names of the app, the person and the room are not signed: they are only shown, and escaped where they are.
 */
export function claimIn(payload: unknown, facts: Facts, keys: readonly string[]): Claim | undefined {
  const read = payloadIn(payload);
  const deckhand = object(read?.deckhand);
  const notify = object(read?.notify);
  const request = text(deckhand?.request);
  const team = text(deckhand?.team);
  const signature = text(deckhand?.signature);
  const room = text(notify?.room);
  const message = text(notify?.message_id);
  const thread = text(notify?.thread_id);
  if (!request || !team || !signature || !room || !message || !thread) return undefined;
  const { repository, task, environment } = facts;
  const signed = { request, team, room, message, thread, repository, task, environment };
  if (!keys.some((key) => key !== '' && same(sign(signed, key), signature))) return undefined;

  const id = text(notify?.user);
  const name = text(notify?.user_name);
  const login = text(read?.user);
  const app = text(read?.name);
  if (!id || !name || !app) return undefined;
  return {
    ...facts,
    request,
    thread: message,
    place: { team, room, roomName: text(notify?.room_name) ?? room, ...(thread !== message && { thread }) },
    asker: { id, name, ...(login && login !== name && { login }) },
    app,
  };
}

/**
 * A payload's request id, signed or not. Only good for finding our own deployment again where we asked for it a moment
 * ago.
 */
export function requestIn(payload: unknown): string | undefined {
  return text(object(payloadIn(payload)?.deckhand)?.request);
}

/** Who asked for it, as a payload says that anybody with push access may have written. */
export const askerIn = (payload: unknown): string | undefined => text(payloadIn(payload)?.user);

/** The hosts that a payload names, if it is for some alone, and the names of what else it holds besides what we put in. */
export function contentsOf(payload: unknown): { hosts?: string; names: string[] } | undefined {
  const read = payloadIn(payload);
  if (!read) return typeof payload === 'string' && payload.trim() !== '' ? { names: [] } : undefined;
  const names = Object.keys(read).filter((name) => !ours.includes(name));
  const hosts = Array.isArray(read.hosts) ? text(read.hosts.join(',')) : text(read.hosts);
  return names.length === 0 ? undefined : { names, ...(hosts && { hosts }) };
}

function sign({ repository, ...rest }: Signed, key: string): string {
  const { request, team, room, message, thread, task, environment } = rest;
  const covered = [version, request, team, room, message, thread, repository.toLowerCase(), task, environment];
  return createHmac('sha256', key).update(JSON.stringify(covered)).digest('base64url');
}

/** Compares the spellings, and not what they decode to: the last letter has bits that decode to nothing. */
function same(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** GitHub gives a payload back as it was sent: an object, or a string of JSON, which some tools encode once more. */
function payloadIn(value: unknown): Record<string, unknown> | undefined {
  let read = value;
  for (let layer = 0; layer < 2 && typeof read === 'string'; layer++) {
    // The usual string is no JSON object, and need not be tried.
    if (!/^\s*["{]/.test(read)) return undefined;
    try {
      read = JSON.parse(read);
    } catch {
      return undefined;
    }
  }
  return object(read);
}

const object = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= longestField ? value : undefined;
