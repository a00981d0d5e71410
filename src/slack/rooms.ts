import type { WebClient } from '@slack/web-api';
import type { Place } from '../deploy/deployment.ts';
import type { Clock } from '../deploy/ports.ts';
import { Refusal } from '../deploy/refusal.ts';
import { remember } from './remember.ts';
import { sayNo, troubleOf } from './trouble.ts';

/** What Slack calls every private channel and every direct message. */
const noNames = ['privategroup', 'directmessage'];

/**
 * Answers what a room is called. Slack's payloads do not always say it: mentions name no room, and private channels are
 * all called `privategroup`. Asking needs the scopes `channels:read` and `groups:read`; without them, and where a room has
 * no name, the answer is what the payload said.
 */
export function roomNames(client: WebClient, clock: Clock) {
  const nameOf = remember(clock, (room) =>
    client.conversations.info({ channel: room }).then(
      ({ channel }) => (channel?.is_im || channel?.is_mpim ? undefined : channel?.name),
      () => undefined,
    ),
  );
  return async ({ room, roomName }: Place): Promise<string> =>
    roomName !== room && !noNames.includes(roomName) ? roomName : ((await nameOf(room)) ?? roomName);
}

/**
 * Rejects with a Refusal where the bot is surely not in a room, with how to invite it. Where Slack does not tell (it lacks the
 * scope, it is down) nothing speaks against it.
 */
export async function mayWrite(client: WebClient, { room }: Place, bot: string): Promise<void> {
  const error = await client.conversations.info({ channel: room }).then(
    ({ channel }) => (channel?.is_im || channel?.is_member !== false ? undefined : 'not_in_channel'),
    (failed: unknown) => {
      const trouble = troubleOf(failed);
      return trouble.kind === 'no' && trouble.error === 'channel_not_found' ? trouble.error : undefined;
    },
  );
  if (error) throw new Refusal(error, sayNo(error, { room, patient: false, bot }));
}

/**
 * Answers whether another organization reads a room by Slack Connect, or has been invited to. Where Slack does not tell (it
 * lacks the scope, it is down) nothing speaks for it.
 */
export function sharedRooms(client: WebClient, clock: Clock): (place: Place) => Promise<boolean> {
  const isShared = remember(clock, async (room) => {
    const { channel } = await client.conversations.info({ channel: room });
    return channel?.is_ext_shared === true || channel?.is_pending_ext_shared === true;
  });
  return ({ room }) => isShared(room).catch(() => false);
}
