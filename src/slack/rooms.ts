import type { WebClient } from '@slack/web-api';
import type { Place } from '../deploy/deployment.ts';
import type { Clock } from '../deploy/ports.ts';

const rememberMs = 5 * 60_000;
const rememberAtMost = 1000;

/** What Slack calls every private channel and every direct message. */
const noNames = ['privategroup', 'directmessage'];

/**
 * Answers what a room is called. Slack's payloads do not always say it: mentions name no room, and private channels are
 * all called `privategroup`. Asking needs the scopes `channels:read` and `groups:read`; without them, and where a room has
 * no name, the answer is what the payload said.
 */
export function roomNames(client: WebClient, clock: Clock) {
  const known = new Map<string, { until: number; name: string | undefined }>();
  return async ({ room, roomName }: Place): Promise<string> => {
    if (roomName !== room && !noNames.includes(roomName)) return roomName;
    const now = clock.now().getTime();
    const remembered = known.get(room);
    if (remembered && remembered.until > now) return remembered.name ?? roomName;
    const name = await client.conversations.info({ channel: room }).then(
      ({ channel }) => (channel?.is_im || channel?.is_mpim ? undefined : channel?.name),
      () => undefined,
    );
    known.delete(room);
    known.set(room, { until: now + rememberMs, name });
    const [oldest] = known.keys();
    if (known.size > rememberAtMost && oldest !== undefined) known.delete(oldest);
    return name ?? roomName;
  };
}
