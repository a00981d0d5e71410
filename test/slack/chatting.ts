import { systemClock } from '../../src/clock.ts';
import type { Deployment } from '../../src/deploy/deployment.ts';
import type { Chat, Clock } from '../../src/deploy/ports.ts';
import { type SandboxSlack, type SlackOptions, startSlack } from '../../src/sandbox/slack/server.ts';
import { type SlackChatOptions, slackChat } from '../../src/slack/chat.ts';
import { plenty } from './budget.ts';
import { deployment, view } from './deployments.ts';
import { ann, elsewhere, ops, quiet } from './scene.ts';

/** A Slack with people and rooms, and the bot's port to it. */
export interface Chatting {
  slack: SandboxSlack;
  chat: Chat;
  log: string[];
  /** The methods of which Slack said that they are called too often, in order. */
  limited: string[];
  /** What is different from the bot's own port. */
  chatWith(clock: Clock, more?: Partial<SlackChatOptions>): Chat;
  /** A deployment whose parent is posted. */
  opened(more?: Partial<Deployment>): Promise<Deployment>;
}

export const at = (room: string) => ({ team: 'T0SANDBOX', room, roomName: room });

export const team = () => ({
  id: 'T0SANDBOX',
  name: 'Sandbox',
  botUser: 'U0DECKHAND',
  botName: 'deckhand',
  botId: 'B0DECKHAND',
  scopes: [],
});

export async function startChatting(options: SlackOptions = {}): Promise<Chatting> {
  const slack = await startSlack(options);
  slack.addUser({ id: ann, name: 'ann' });
  slack.addUser({ id: 'U0BOB', name: 'bob' });
  slack.addChannel({ id: ops, name: 'ops', members: [ann, 'U0BOB'] });
  slack.addChannel({ id: elsewhere, name: 'elsewhere', members: [ann], botIsMember: false });
  slack.addChannel({ id: 'C0OLD', name: 'old', archived: true });
  slack.addChannel({ id: 'D0PRIVATE', name: 'private', people: [ann, 'U0BOB'] });
  const log: string[] = [];
  const limited: string[] = [];
  const chatWith: Chatting['chatWith'] = (clock, more) =>
    slackChat({
      config: { botToken: slack.botToken, apiUrl: slack.url },
      team,
      budget: plenty,
      observeLimit: (method) => limited.push(method),
      clock,
      log: quiet(log),
      ...more,
    });
  const chat = chatWith(systemClock);
  return {
    slack,
    chat,
    log,
    limited,
    chatWith,
    async opened(more = {}) {
      const posted = await chat.open(view({ deployment: deployment(more) }));
      if (posted.kind !== 'posted') throw new Error(posted.kind);
      return deployment({ ...more, thread: posted.ts });
    },
  };
}
