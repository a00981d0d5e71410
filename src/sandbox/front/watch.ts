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
export function watchLine({ slack, github, ci, repositories }: World): LineWatch {
  const allDeployments = () =>
    repositories.flatMap((name) => github.deployments(name).map((deployment) => ({ name, deployment })));
  const known = new Set(allDeployments().map(({ deployment }) => deployment.id));
  const requestsBefore = github.requests.length;
  const said = new Map<string, SlackMessage>();
  /** When a message was last heard of, as a number that grows. */
  const heard = new Map<string, number>();
  const pressed = new Set<string>();
  let lastMove = performance.now();
  let heardSoFar = 0;
  let heardBeforeCreation = 0;
  let creationsBefore = '';
  let statusesBefore = 0;

  const hear = (message: SlackMessage) => {
    lastMove = performance.now();
    if (message.user === slack.botUserId || message.bot_id || message.ephemeralFor) {
      said.set(keyOf(message), message);
      heard.set(keyOf(message), heardSoFar++);
    }
  };
  const unsubscribe = (['message', 'edit', 'ephemeral'] as const).map((event) => slack.on(event, hear));

  function deployments(): DeploymentFacts[] {
    const mine = allDeployments().filter(({ deployment }) => !known.has(deployment.id));
    const withStatuses = mine.map(({ name, deployment }) => ({
      deployment,
      statuses: oldestFirst(github.statuses(name, deployment.id)),
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

  /** How many statuses the bot has told in the thread that the deployment's payload names as its return address. */
  function repliesTo(payload: unknown): number {
    const { room, thread } = returnAddress(payload);
    return replies().filter(
      (message) =>
        (room === undefined || message.channel === room) &&
        (thread === undefined || message.thread_ts === thread) &&
        isOfStatus(message),
    ).length;
  }

  function replies(): SlackMessage[] {
    return [...said.values()].filter(
      ({ ephemeralFor, thread_ts, ts }) => !ephemeralFor && thread_ts !== undefined && thread_ts !== ts,
    );
  }

  /**
   * Whether the bot has summed up what it had to tell: every parent has changed since its newest reply, and since GitHub
   * last answered an attempt to create a deployment.
   */
  function isSummedUp(): boolean {
    const all = replies();
    return (
      all.length > 0 &&
      all.every((reply) => {
        const parent = heard.get(`${reply.channel} ${reply.thread_ts}`) ?? -1;
        return parent >= heardBeforeCreation && parent > (heard.get(keyOf(reply)) ?? 0);
      })
    );
  }

  function creations() {
    const all = github.requests
      .slice(requestsBefore)
      .filter(({ method, path }) => method === 'POST' && /\/repos\/[^/]+\/[^/]+\/deployments$/.test(path));
    const now = all.map(({ status }) => status ?? 0).join();
    if (now !== creationsBefore) {
      lastMove = performance.now();
      heardBeforeCreation = heardSoFar;
    }
    creationsBefore = now;
    return all;
  }

  return {
    facts(botEnded) {
      const all = [...said.values()].filter((message) => !message.deleted);
      const asked = creations();
      const facts = {
        botEnded,
        refused: all.some(isRefusal),
        waitsForButton: this.confirmations().length > 0,
        wasPressed: pressed.size > 0,
        isSummedUp: isSummedUp(),
        answeredPrivately: all.some((message) => message.ephemeralFor !== undefined),
        answeredAfterPress: all.some((message) => message.ephemeralFor && !pressed.has(keyOf(message))),
        answeredForAll: all.some(isAnswer),
        answeredPublicly: all.some((message) => message.ephemeralFor === undefined),
        creations: asked.map((request) => request.status ?? 0),
        checksPending: ci.isBusy() || namesPending(asked.at(-1)?.answer),
        deployments: deployments(),
      };
      return { ...facts, quiet: performance.now() - lastMove };
    },
    confirmations() {
      return [...said.values()].flatMap((message) => {
        if (message.deleted || pressed.has(keyOf(message))) return [];
        const button = message.buttons.find((one) => one.action_id.startsWith('confirm'));
        return button ? [{ channel: message.channel, message: message.ts, action: button.action_id }] : [];
      });
    },
    pressed(button) {
      const key = `${button.channel} ${button.message}`;
      pressed.add(key);
      // What was said before is answered by the press: only what comes now counts.
      said.delete(key);
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

/** By the sandbox's convention with the bot: what it posts has a name, and that of an answer says so. */
function isAnswer({ metadata }: SlackMessage): boolean {
  return String(metadata?.event_payload.key ?? '').startsWith('answer');
}

function keyOf({ channel, ts }: { channel: string; ts: string }): string {
  return `${channel} ${ts}`;
}

/** By the same convention. One without a name is taken for one. */
function isOfStatus({ metadata }: SlackMessage): boolean {
  const key = metadata?.event_payload.key;
  return key === undefined || String(key).startsWith('status');
}

/** Whether GitHub's refusal names a check that is not in yet. */
function namesPending(answer: unknown): boolean {
  const { errors = [] } = (answer ?? {}) as { errors?: { contexts?: { state: string }[] }[] };
  return errors.some(({ contexts = [] }) => contexts.some(({ state }) => state === 'pending'));
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
