import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SocketModeClient, SocketModeOptions } from '@slack/socket-mode';
import { WebAPIPlatformError, WebAPIRateLimitedError, type WebClientOptions } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Clock } from '../deploy/ports.ts';
import { frameFor, MendedClient } from './frames.ts';
import { refusals, TokenRefused } from './team.ts';
import { type UnderWay, workUnderWay } from './under-way.ts';

/** An envelope of Slack's, as SocketModeClient hands it on. */
export interface Envelope {
  body: Record<string, unknown>;
  ack(response?: unknown): Promise<void>;
  retry_num?: number;
  retry_reason?: string;
}

export interface SocketOptions {
  appToken: string;
  /** Made anew for each client: the SDK writes into them. */
  clientOptions: () => WebClientOptions;
  logger: SocketModeOptions['logger'];
  /** How many connections are kept at a time; Slack allows an app ten, over all its processes. */
  connections: number;
  /** How long each waits after the one before it, so that Slack does not send them away together. */
  staggerMs: number;
  receive(envelope: Envelope): Promise<void>;
  clock: Clock;
  log: Logger;
}

/** How long a goodbye waits for a connection that is being opened. */
const openedWithinMs = 2_000;
/** How long, while one envelope comes after the other, a goodbye waits for a moment at which all are acknowledged. */
const acknowledgedWithinMs = 5_000;
/** How long a successor may take until its predecessor goes regardless, and until a goodbye is forced. */
const helloWithinMs = 15_000;
const goodbyeWithinMs = 1_000;
/** A connection that lasted this long was a good one: the next failure is the first again. */
const goodAfterMs = 60_000;

/**
 * Keeps several Socket Mode connections open. Slack sends each of them away every few hours: then its successor is
 * connected first, so that no command falls into a gap (the SDK by itself closes first and is deaf for 5 to 12 s).
 * What goes wrong is tried again for ever, within 10 s at most, and never reaches the process as an unhandled rejection,
 * as it does in the SDK's own reconnecting.
 */
export function socketConnections(options: SocketOptions) {
  const lines = Array.from({ length: options.connections }, (_, index) =>
    line(options, index * options.staggerMs, lost),
  );

  function lost(): void {
    if (!lines.some(({ isConnected }) => isConnected())) {
      options.log.error('no Socket Mode connection is left: Slack commands fail until one is back');
    }
  }

  return {
    /** Resolves after the first attempt; rejects with {@link TokenRefused} if Slack does not accept the app token. */
    async start(): Promise<void> {
      const [first, ...others] = lines;
      for (const other of others) other.startLater();
      await first?.start();
    },
    /** Says goodbye on every connection; what has come on it by then is acknowledged before. */
    async stop(): Promise<void> {
      await Promise.all(lines.map((one) => one.stop()));
    },
    isConnected: (): boolean => lines.some((one) => one.isConnected()),
  };
}

/** One of the connections, held by one client after another. */
function line(options: SocketOptions, patienceMs: number, onLost: () => void) {
  const { clock, log } = options;
  /** With what came on each of them and is being taken. */
  const clients = new Map<SocketModeClient, UnderWay>();
  let current: { client: SocketModeClient; since: number } | undefined;
  let attempt: Promise<unknown> | undefined;
  let failures = 0;
  let stopped = false;
  let cancel = () => {};

  /** Connects a client, unless one is being connected. Answers with the error if it can't be. */
  function connect(): Promise<unknown> {
    attempt ??= connectOnce()
      .catch((error: unknown) => error ?? new Error('The connection was closed before Slack said hello.'))
      .then((error) => {
        attempt = undefined;
        if (error !== undefined) {
          failures += 1;
          log.warn({ reason: named(error), failures }, 'could not connect to Slack');
        }
        if (!current) again(error);
        return error;
      });
    return attempt;
  }

  async function connectOnce(): Promise<void> {
    const taken = workUnderWay();
    const client = newClient(taken);
    clients.set(client, taken);
    client.on('connected', () => {
      if (!stopped) current = { client, since: clock.now().getTime() };
    });
    client.on('disconnected', () => gone(client));
    const giveUp = clock.at(after(helloWithinMs), () => void part(client));
    try {
      await client.start();
    } catch (error) {
      clients.delete(client);
      throw error;
    } finally {
      giveUp();
    }
    if (stopped) await leave(client, taken);
  }

  function newClient(taken: UnderWay): SocketModeClient {
    const client = new MendedClient(
      {
        appToken: options.appToken,
        clientOptions: options.clientOptions(),
        logger: options.logger,
        // Reconnecting is ours: the SDK's ends the process when apps.connections.open fails.
        autoReconnectEnabled: false,
      },
      {
        beforeGoodbye: (reason) => succeed(client, reason),
        onTrouble: (error) => log.warn({ reason: named(error) }, 'could not read what Slack sent'),
      },
    );
    client.on(frameFor.everything, (envelope: Envelope) => {
      taken
        .track(options.receive(envelope))
        .catch((error: unknown) => log.error({ reason: named(error) }, 'an envelope was not handled'));
    });
    return client;
  }

  /** Slack sends a client away: its successor first. But where there are too many, one has to go before another comes. */
  async function succeed(client: SocketModeClient, reason: string): Promise<void> {
    // Hello and goodbye may come in one breath.
    await attempt;
    if (stopped || current?.client !== client) return;
    if (reason === 'too_many_websockets' || reason === 'link_disabled') {
      log.error({ reason }, 'Slack refuses a Socket Mode connection');
    } else {
      await connect();
    }
    // Slack sends it nothing any more, though its socket may stay open for a while.
    if (current?.client === client) lose(current.since);
  }

  function gone(client: SocketModeClient): void {
    clients.delete(client);
    if (current?.client === client) lose(current.since);
  }

  function lose(since: number): void {
    failures = clock.now().getTime() - since >= goodAfterMs ? 0 : failures + 1;
    current = undefined;
    if (stopped) return;
    onLost();
    if (!attempt) again();
  }

  function again(error?: unknown): void {
    if (stopped) return;
    const asked = error instanceof WebAPIRateLimitedError ? error.retryAfter * 1000 : 0;
    startIn(Math.max(asked, patienceMs + backOffMs(failures)));
  }

  function startIn(ms: number): void {
    cancel();
    cancel = clock.at(after(ms), () => void connect());
  }

  const after = (ms: number): Date => new Date(clock.now().getTime() + ms);

  /**
   * Says goodbye at a moment at which all that has come is acknowledged: after the close frame no acknowledgement may be
   * sent (RFC 6455, 5.5.1), and what was stored without one the person would type again. What Slack writes before it has
   * read the close frame crosses it and can't be helped; that is not read, and so neither stored nor run.
   */
  async function leave(client: SocketModeClient, taken: UnderWay): Promise<void> {
    const lastMoment = after(acknowledgedWithinMs);
    do {
      await waitFor(taken.ended(), lastMoment);
      // In a whole turn of the event loop the process reads what lies there for it.
      await nextTurn();
      await nextTurn();
    } while (!taken.isNone() && clock.now() < lastMoment);
    await part(client);
  }

  async function waitFor(work: Promise<unknown>, lastMoment: Date): Promise<void> {
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = clock.at(lastMoment, resolve);
    });
    await Promise.race([work, late]);
    cancel();
  }

  async function part(client: SocketModeClient): Promise<void> {
    const parted = client.disconnect();
    // Asking a second time does not wait for the other side any more.
    const force = clock.at(after(goodbyeWithinMs), () => void client.disconnect());
    await parted;
    force();
    clients.delete(client);
  }

  return {
    isConnected: (): boolean => current !== undefined,
    startLater: (): void => startIn(patienceMs),
    async start(): Promise<void> {
      const error = await connect();
      if (error instanceof WebAPIPlatformError && refusals.has(error.data.error)) {
        throw new TokenRefused('SLACK_APP_TOKEN', error.data.error);
      }
    },
    async stop(): Promise<void> {
      stopped = true;
      cancel();
      // Slack may have sent something on a connection of which we don't know yet that it is open.
      if (attempt) await waitFor(attempt, after(openedWithinMs));
      await Promise.all([...clients].map(([client, taken]) => leave(client, taken)));
    },
  };
}

/** 0.25 s, 0.5 s, 1 s, … 10 s: Slack allows about 50 calls of apps.connections.open a minute. */
const backOffMs = (failures: number): number => Math.min(10_000, 250 * 2 ** Math.min(failures, 6));

const named = (error: unknown): string => (error instanceof Error ? error.name : String(error));
