import { randomUUID } from 'node:crypto';
import { type Arguments, asFlag, asText } from './arguments.ts';
import { isEmpty, readContent } from './content.ts';
import type { StoredMessage } from './message.ts';
import { type Failure, failed, isFailure } from './result.ts';
import type { SlackChannel, SlackUser, Workspace } from './workspace.ts';

/** Five uses within thirty minutes (docs.slack.dev/interactivity/handling-user-interaction). */
const mostUses = 5;
const validMs = 30 * 60_000;

/** Where an answer to a command or a pressed button goes. */
export interface Occasion {
  user: SlackUser;
  channel: SlackChannel;
  /** The message whose button was pressed. */
  original?: StoredMessage;
}

/** The one-off addresses that come with commands and interactions. `origin` is `http://127.0.0.1:PORT`. */
export function createResponseUrls(workspace: Workspace, origin: string) {
  const issued = new Map<string, { occasion: Occasion; until: number; uses: number }>();

  /**
   * Shows what the app answered: to that person alone, or to all with `response_type: in_channel`. It reaches places
   * where the bot is no member. Slack's pages say `replace_original` has to be asked for with block actions.
   */
  function show({ user, channel, original }: Occasion, answer: Arguments): Failure | undefined {
    if (asFlag(answer.delete_original)) {
      if (original && !original.deleted) workspace.remove(original);
      if (isEmpty({ text: asText(answer.text), ...(Array.isArray(answer.blocks) && { blocks: answer.blocks }) }))
        return;
    }
    const content = readContent(answer, workspace, false);
    if (isFailure(content)) return content;
    if (isEmpty(content)) return failed('no_text');
    if (asFlag(answer.replace_original) && original && !original.deleted) {
      const gone = { ...(content.blocks === undefined && { blocks: undefined }) };
      workspace.change(original, { ...content, ...gone }, workspace.bot.userId);
      return;
    }
    const thread_ts = asText(answer.thread_ts);
    workspace.post({
      channel: channel.id,
      user: workspace.bot.userId,
      bot_id: workspace.bot.botId,
      text: '',
      ...content,
      ...(workspace.find(channel.id, thread_ts) && { thread_ts }),
      ...(answer.response_type !== 'in_channel' && { ephemeralFor: user.id }),
    });
    return;
  }

  return {
    show,

    /** A new address for this occasion. */
    issue(occasion: Occasion): string {
      const path = `/response/${workspace.team.id}/${issued.size + 1}/${randomUUID()}`;
      issued.set(path, { occasion, until: workspace.now().getTime() + validMs, uses: 0 });
      return origin + path;
    },

    /** Answers a POST to such an address: a bare `ok`, never the ts of what was shown. */
    take(path: string, answer: Arguments): { status: number; body: unknown } {
      const grant = issued.get(path);
      if (!grant) return { status: 404, body: failed('invalid_url') };
      if (workspace.now().getTime() > grant.until) return { status: 404, body: failed('expired_url') };
      if (grant.uses >= mostUses) return { status: 404, body: failed('used_url') };
      const problem = show(grant.occasion, answer);
      if (problem) return { status: 400, body: problem };
      grant.uses += 1;
      return { status: 200, body: 'ok' };
    },
  };
}
