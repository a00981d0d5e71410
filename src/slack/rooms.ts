import type { WebClient } from '@slack/web-api';
import type { Place } from '../deploy/deployment.ts';
import type { Clock } from '../deploy/ports.ts';
import { remember } from './remember.ts';

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
