import { startSlack } from '../../src/sandbox/slack/server.ts';
import { webClient } from '../../src/slack/client.ts';
import type { Message } from '../../src/slack/messages.ts';
import { ann, ops, quiet } from './scene.ts';

export interface Poster {
  /** Posts and edits it for real: rejects if Slack would not take it. Answers what a person reads. */
  shown(message: Message): Promise<string>;
  stop(): Promise<void>;
}

export async function startPoster(): Promise<Poster> {
  const slack = await startSlack();
  slack.addUser({ id: ann, name: 'ann' });
  slack.addChannel({ id: ops, name: 'ops', members: [ann] });
  const client = webClient({ botToken: slack.botToken, apiUrl: slack.url }, quiet());
  return {
    async shown(message) {
      const { ts } = await client.chat.postMessage({ channel: ops, ...message });
      await client.chat.update({ channel: ops, ts: ts ?? '', ...message });
      return slack.messages(ops).find((posted) => posted.ts === ts)?.shown ?? '';
    },
    stop: () => slack.stop(),
  };
}
