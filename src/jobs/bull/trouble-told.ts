import type { Logger } from 'pino';
import type { Clock } from '../../deploy/ports.ts';
import { codeOf, explained } from '../../store/redis/trouble.ts';

/** BullMQ says the same with every attempt, many times a second if need be. */
const sayAgainAfterMs = 10_000;

/**
 * Logs what BullMQ has to complain about, each sentence once in 10 s; that Redis is away is told by the store's connection.
 * Only the sentence: errors of ioredis carry the command, and with it what was to be stored, or the password.
 */
export function troubleTold(place: string, clock: Clock, log: Logger): (error: unknown) => void {
  const saidAt = new Map<string, number>();
  return (error) => {
    if (isOutage(error)) return;
    const reason = codeOf(error) ? explained(error, place).message : messageOf(error);
    const now = clock.now().getTime();
    for (const [said, at] of saidAt) if (at <= now - sayAgainAfterMs) saidAt.delete(said);
    if (saidAt.has(reason)) return;
    saidAt.set(reason, now);
    log.warn({ reason }, 'the job queue is in trouble');
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What sockets say of themselves has a code in words (BullMQ's own errors have a number). */
const isOutage = (error: unknown): boolean =>
  /^(Connection is closed|Socket timeout|All sentinels are unreachable)/.test(messageOf(error)) ||
  (error instanceof Error && 'code' in error && typeof error.code === 'string');
