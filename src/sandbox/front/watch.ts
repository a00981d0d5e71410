import type { SlackMessage } from '../slack/message.ts';
import type { World } from '../world.ts';
import type { DeploymentFacts, LineFacts } from './verdict.ts';

/** A confirming button, by the sandbox's convention with the bot. */
export interface Confirmation {
  channel: string;
  message: string;
  action: string;
}

export interface LineWatch {
  facts(botEnded?: string): LineFacts;
  /** Confirming buttons that nobody has pressed yet. */
  confirmations(): Confirmation[];
  pressed(button: Confirmation): void;
  stop(): void;
}

/** Watches the chat and GitHub from this moment on, for what one typed line leads to. */
export function watchLine({ slack, github, repository }: World): LineWatch {
  const known = new Set(github.deployments(repository.fullName).map((deployment) => deployment.id));
  const requestsBefore = github.requests.length;
  const said = new Map<string, SlackMessage>();
  const pressed = new Set<string>();
  let lastMove = performance.now();
  let statusesBefore = 0;

  const hear = (message: SlackMessage) => {
    lastMove = performance.now();
    if (message.user === slack.botUserId || message.bot_id || message.ephemeralFor) {
      said.set(`${message.channel} ${message.ts}`, message);
    }
  };
  const unsubscribe = (['message', 'edit', 'ephemeral'] as const).map((event) => slack.on(event, hear));

  function deployments(): DeploymentFacts[] {
    const mine = github.deployments(repository.fullName).filter((deployment) => !known.has(deployment.id));
    const withStatuses = mine.map((deployment) => ({
      deployment,
      statuses: oldestFirst(github.statuses(repository.fullName, deployment.id)),
    }));
    const statuses = withStatuses.reduce((sum, one) => sum + 1 + one.statuses.length, 0);
    if (statuses !== statusesBefore) lastMove = performance.now();
    statusesBefore = statuses;
    return withStatuses.map(({ deployment, statuses }) => ({
      name: `${deployment.ref} to ${deployment.environment}`,
      state: statuses.at(-1)?.state,
      succeeded: statuses.some((status) => status.state === 'success'),
      isTold: repliesTo(deployment.payload) >= statuses.filter((status) => status.state !== 'inactive').length,
    }));
  }

  /** How many replies the bot has posted in the thread that the deployment's payload names as its return address. */
  function repliesTo(payload: unknown): number {
    const { room, thread } = returnAddress(payload);
    return [...said.values()].filter(
      (message) =>
        !message.ephemeralFor &&
        message.thread_ts !== undefined &&
        message.thread_ts !== message.ts &&
        (room === undefined || message.channel === room) &&
        (thread === undefined || message.thread_ts === thread),
    ).length;
  }

  return {
    facts(botEnded) {
      const all = [...said.values()].filter((message) => !message.deleted);
      const creations = github.requests
        .slice(requestsBefore)
        .filter(({ method, path }) => method === 'POST' && /\/repos\/[^/]+\/[^/]+\/deployments$/.test(path));
      const facts = {
        botEnded,
        refused: all.some(isRefusal),
        waitsForButton: this.confirmations().length > 0,
        answeredPrivately: all.some((message) => message.ephemeralFor !== undefined),
        answeredPublicly: all.some((message) => message.ephemeralFor === undefined),
        creations: creations.map((request) => request.status ?? 0),
        deployments: deployments(),
      };
      return { ...facts, quiet: performance.now() - lastMove };
    },
    confirmations() {
      return [...said.values()].flatMap((message) => {
        if (message.deleted || pressed.has(`${message.channel} ${message.ts}`)) return [];
        const button = message.buttons.find((one) => one.action_id.startsWith('confirm'));
        return button ? [{ channel: message.channel, message: message.ts, action: button.action_id }] : [];
      });
    },
    pressed(button) {
      pressed.add(`${button.channel} ${button.message}`);
      lastMove = performance.now();
    },
    stop() {
      for (const end of unsubscribe) end();
    },
  };
}

/** By the sandbox's convention with the bot; and what Slack itself says when nobody took a command. */
function isRefusal(message: SlackMessage): boolean {
  const first = message.blocks?.[0] as { block_id?: unknown } | undefined;
  return String(first?.block_id ?? '').startsWith('refusal') || message.user === 'USLACKBOT';
}

/** The API lists newest first. Ids grow with time, and are finer than its seconds. */
function oldestFirst<T extends { id: number }>(statuses: T[]): T[] {
  return [...statuses].sort((a, b) => a.id - b.id);
}

function returnAddress(payload: unknown): { room?: string; thread?: string } {
  const { notify } = (typeof payload === 'object' && payload !== null ? payload : {}) as {
    notify?: { room?: string; thread_id?: string; message_id?: string };
  };
  return { room: notify?.room, thread: notify?.thread_id ?? notify?.message_id };
}
