import { type Arguments, asText } from './arguments.ts';

/** Calls a minute for each method (docs.slack.dev/apis/web-api/rate-limits); what is not named here is not limited. */
const perMinute: Record<string, number> = {
  'apps.connections.open': 50,
  'chat.delete': 50,
  'chat.postEphemeral': 100,
  // Fifty edits a minute over the whole workspace: the tightest limit that live progress meets.
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.info': 50,
  'conversations.join': 50,
  'conversations.list': 20,
  'conversations.members': 100,
  'conversations.open': 50,
  'conversations.replies': 50,
  'reactions.add': 50,
  'team.info': 50,
  'users.info': 100,
  'users.list': 20,
  'views.open': 100,
};

/** Posting: one message a second in a channel, a short burst allowed, and a cap on the workspace as a whole. */
const posting = { burst: 5, perSecond: 1, workspacePerMinute: 300 };

/** Counts the calls of one app in one workspace. */
export function createRateLimits(now: () => Date) {
  const recent = new Map<string, number[]>();
  const buckets = new Map<string, { tokens: number; at: number }>();

  function inMinute(key: string, most: number): number | undefined {
    const time = now().getTime();
    const calls = (recent.get(key) ?? []).filter((at) => at > time - 60_000);
    recent.set(key, calls);
    const [oldest] = calls;
    if (oldest !== undefined && calls.length >= most) return Math.max(1, Math.ceil((oldest + 60_000 - time) / 1000));
    calls.push(time);
    return undefined;
  }

  function inChannel(channel: string): number | undefined {
    const time = now().getTime();
    const bucket = buckets.get(channel) ?? { tokens: posting.burst, at: time };
    const tokens = Math.min(posting.burst, bucket.tokens + ((time - bucket.at) / 1000) * posting.perSecond);
    const allowed = tokens >= 1;
    buckets.set(channel, { tokens: allowed ? tokens - 1 : tokens, at: time });
    return allowed ? undefined : Math.max(1, Math.ceil((1 - tokens) / posting.perSecond));
  }

  return {
    /** Counts a call. Returns the seconds to wait when it is one too many. */
    take(method: string, args: Arguments): number | undefined {
      if (method === 'chat.postMessage') {
        return inChannel(asText(args.channel)) ?? inMinute(method, posting.workspacePerMinute);
      }
      const most = perMinute[method];
      return most === undefined ? undefined : inMinute(method, most);
    },
  };
}
