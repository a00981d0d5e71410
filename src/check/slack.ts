import type { SlackConfig } from '../config/slack.ts';
import type { Announcement, App } from '../deploy/apps.ts';
import { causeOf, fewAtATime } from './wire.ts';

/** What became of one call of the Web API. `silent`: Slack did not answer it. */
export type Said =
  | { kind: 'yes'; body: Readonly<Record<string, unknown>>; scopes: readonly string[] | undefined }
  | { kind: 'no'; error: string; needed: string }
  | { kind: 'silent'; cause: string };

/** A room of the catalogue, as it stands there, and what Slack says of it. */
export interface RoomFacts {
  room: string;
  /** For what it is there: `announce`, or the apps that may be deployed from it. */
  uses: readonly string[];
  found: { kind: 'seen'; name: string; isMember: boolean; isArchived: boolean } | { kind: 'nowhere' } | NotLooked;
}

/** Slack did not let us look, or did not answer. */
type NotLooked = Exclude<Said, { kind: 'yes' }>;

export interface SlackFacts {
  bot: Said;
  /** Whether Slack takes the app token; nothing in HTTP mode. */
  socket?: Said;
  /** Empty where Slack does not know the bot. */
  rooms: readonly RoomFacts[];
  /** How many more rooms there are. */
  roomsLeftOut: number;
}

interface Rooms {
  apps: readonly App[];
  announce?: Announcement;
}

/** Asks Slack; nothing is said in any room. Never rejects. */
export async function lookAtSlack(
  config: SlackConfig,
  rooms: Rooms,
  fetch: typeof globalThis.fetch,
): Promise<SlackFacts> {
  const asked = asking(config.apiUrl ?? 'https://slack.com/api/', fetch);
  const asBot: Ask = (method, parameters) => asked(config.botToken, method, parameters);
  const [bot, socket] = await Promise.all([
    asBot('auth.test'),
    // Slack answers with an address to connect to; nobody does.
    config.mode === 'socket' ? asked(config.appToken, 'apps.connections.open') : undefined,
  ]);
  const uses = [...usesOf(rooms)];
  const looked = bot.kind === 'yes' ? await lookAtRooms(uses.slice(0, mostRooms), asBot) : [];
  return { bot, socket, rooms: looked, roomsLeftOut: Math.max(0, uses.length - mostRooms) };
}

type Ask = (method: string, parameters?: Readonly<Record<string, string>>) => Promise<Said>;

function asking(apiUrl: string, fetch: typeof globalThis.fetch) {
  return async (token: string, method: string, parameters: Readonly<Record<string, string>> = {}): Promise<Said> => {
    try {
      const response = await fetch(`${apiUrl}${method}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: new URLSearchParams(parameters),
        redirect: 'error',
      });
      return saidIn(response, await response.json().catch(() => undefined));
    } catch (error) {
      return { kind: 'silent', cause: causeOf(error) };
    }
  };
}

function saidIn({ status, headers }: Response, sent: unknown): Said {
  const body = sent as Readonly<Record<string, unknown>> | null | undefined;
  if (status === 200 && body?.ok === true) {
    const scopes = headers.get('x-oauth-scopes')?.split(/\s*,\s*/);
    return { kind: 'yes', body, scopes };
  }
  if (status !== 200 || typeof body?.error !== 'string' || !/^\w+$/.test(body.error)) {
    return { kind: 'silent', cause: status === 200 ? 'an answer that is not Slack’s' : `it answered ${status}` };
  }
  return { kind: 'no', error: body.error, needed: typeof body.needed === 'string' ? body.needed : '' };
}

/** The rooms of the catalogue, each once, and for what. */
function usesOf({ apps, announce }: Rooms): Map<string, string[]> {
  const uses = new Map<string, string[]>();
  const told = [announce, ...apps.flatMap((app) => [app.announce, ...app.environments.map((each) => each.announce)])];
  for (const one of told) if (one) uses.set(one.room, ['announce']);
  for (const app of apps) {
    for (const room of app.allowedRooms ?? []) uses.set(room, [...(uses.get(room) ?? []), app.name]);
  }
  return uses;
}

/** Each is a call, of which Slack takes about 50 a minute. */
const mostRooms = 40;

async function lookAtRooms(rooms: readonly (readonly [string, string[]])[], ask: Ask): Promise<RoomFacts[]> {
  const isNamed = ([room]: readonly [string, string[]]) => room.startsWith('#');
  const named = rooms.some(isNamed) ? await channelsByName(ask) : undefined;
  return fewAtATime(rooms, async ([room, itsUses]) => {
    if (!room.startsWith('#')) return { room, uses: itsUses, found: await lookById(room, ask) };
    const found =
      named instanceof Map ? (named.get(room.slice(1).toLowerCase()) ?? { kind: 'nowhere' as const }) : named;
    return { room, uses: itsUses, found: found ?? { kind: 'nowhere' as const } };
  });
}

async function lookById(channel: string, ask: Ask): Promise<RoomFacts['found']> {
  const said = await ask('conversations.info', { channel });
  if (said.kind === 'yes') return seen(said.body.channel);
  return said.kind === 'no' && said.error === 'channel_not_found' ? { kind: 'nowhere' } : said;
}

/** A page each, of a thousand channels: more are in no workspace where somebody writes names by hand. */
const mostPages = 10;

/** All channels that the bot may see, by name; or why it can't see them. */
async function channelsByName(ask: Ask): Promise<Map<string, RoomFacts['found']> | NotLooked> {
  const all = new Map<string, RoomFacts['found']>();
  let cursor = '';
  for (let page = 0; page < mostPages; page++) {
    const types = 'public_channel,private_channel';
    const said = await ask('conversations.list', { types, limit: '999', ...(cursor && { cursor }) });
    if (said.kind !== 'yes') return said;
    const { channels, response_metadata: next } = said.body as {
      channels?: readonly unknown[];
      response_metadata?: { next_cursor?: string };
    };
    for (const channel of channels ?? []) {
      const one = seen(channel);
      all.set(one.name.toLowerCase(), one);
    }
    cursor = next?.next_cursor ?? '';
    if (cursor === '') break;
  }
  return all;
}

function seen(sent: unknown) {
  const channel = (sent ?? {}) as { name?: string; is_member?: boolean; is_im?: boolean; is_archived?: boolean };
  return {
    kind: 'seen' as const,
    name: channel.name ?? '',
    isMember: channel.is_member === true || channel.is_im === true,
    isArchived: channel.is_archived === true,
  };
}
