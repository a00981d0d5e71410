import type { WebClient } from '@slack/web-api';
import type { Deployment } from '../deploy/deployment.ts';
import type { Team } from './team.ts';
import { troubleOf } from './trouble.ts';

/** The `event_type` of the metadata that all messages of a deployment carry. */
const eventType = 'deckhand';
/** The key of the parent message. */
export const parentKey = 'parent';

/** Everybody in the workspace can read it, so there is nothing secret in it. */
export const metadataOf = (request: string, key: string) => ({
  event_type: eventType,
  event_payload: { request, key },
});

/** Slack's thread_ts is always that of the parent of all, never a reply's. */
export const threadOf = ({ place, thread }: Deployment): string | undefined => place.thread ?? thread;

/** A channel with more than this since the command is not read any further. */
const mostPages = 10;
/** Slack's clock and ours differ, and the parent must not fall before the window. */
const slackMs = 120_000;
/** Slack is asked again after this at the latest, even if it wants to be left alone for longer: a line waits for it. */
const latestMs = 5 * 60_000;

/**
 * Reads back whether a message of a deployment was posted, by the metadata that it carries. Needs `…:history` scopes.
 * `to be mended`: not before somebody has mended the token or the workspace.
 */
export async function findMessage(
  client: WebClient,
  team: Team,
  deployment: Deployment,
  key: string,
): Promise<{ ts?: string } | 'cannot-look' | 'to be mended' | { laterMs: number }> {
  const thread = key === parentKey ? deployment.place.thread : threadOf(deployment);
  if (key !== parentKey && thread === undefined) return {};
  try {
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const { messages = [], response_metadata } = await readPage(client, deployment, thread, cursor);
      const found = messages.find((message) => isOurs(message, team) && carries(message, deployment.request, key));
      if (found?.ts) return { ts: found.ts };
      cursor = response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return {};
    }
    return 'cannot-look';
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.kind === 'later') return { laterMs: Math.min(trouble.afterMs, latestMs) };
    if (trouble.kind === 'doubtful') return { laterMs: 5_000 };
    // Scopes may stay as they are for good; a token will not.
    if (trouble.mendable && trouble.error !== 'missing_scope') return 'to be mended';
    // The whole thread is gone, and what was said in it with it.
    return trouble.error === 'thread_not_found' ? {} : 'cannot-look';
  }
}

function readPage(client: WebClient, deployment: Deployment, thread: string | undefined, cursor: string | undefined) {
  const oldest = Math.floor((Date.parse(deployment.askedAt) - slackMs) / 1000);
  const options = {
    channel: deployment.place.room,
    oldest: String(oldest),
    include_all_metadata: true,
    limit: 200,
    ...(cursor && { cursor }),
  };
  return thread === undefined
    ? client.conversations.history(options)
    : client.conversations.replies({ ...options, ts: thread });
}

/** Any app can write metadata like ours. */
function isOurs(message: { bot_id?: string; user?: string }, team: Team): boolean {
  return (team.botId !== undefined && message.bot_id === team.botId) || message.user === team.botUser;
}

function carries(
  { metadata }: { metadata?: { event_type?: string; event_payload?: object } },
  request: string,
  key: string,
): boolean {
  if (metadata?.event_type !== eventType) return false;
  const payload = new Map<string, unknown>(Object.entries(metadata.event_payload ?? {}));
  return payload.get('request') === request && payload.get('key') === key;
}
