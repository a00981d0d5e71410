import type { Logger } from 'pino';
import type { Clock, Command, Jobs, Store } from './deploy/ports.ts';
import { freshForMs } from './run-command.ts';

export interface AcceptOptions {
  store: Pick<Store, 'acceptCommand' | 'endCommand'>;
  jobs: Pick<Jobs, 'wake'>;
  /** A command and the wake for it, given at once, are stored together or not at all. */
  inOneCommit: boolean;
  clock: Clock;
  log: Logger;
}

/** What could not be done at once is tried again so soon, and as long as anybody would run the command. */
const againMs = 1_000;

/**
 * Takes commands in. What is stored counts as taken, even where nobody could be woken for it yet. What was not stored, or
 * nobody knows, is rejected and taken back: the person is told that nothing will happen, and types it again.
 */
export function acceptance({ store, jobs, inOneCommit, clock, log }: AcceptOptions) {
  const waiting = new Set<() => void>();
  const takenBack = new Set<string>();
  let stopped = false;

  function untilDone(command: Command, failing: string, call: () => Promise<unknown>, again = call): void {
    call().catch((error: unknown) => {
      const now = clock.now().getTime();
      const isTooLate = now - Date.parse(command.at) > freshForMs;
      log[isTooLate ? 'error' : 'warn']({ err: error, request: command.id }, failing);
      if (isTooLate) takenBack.delete(command.id);
      if (isTooLate || stopped) return;
      const cancel = clock.at(new Date(now + againMs), () => {
        waiting.delete(cancel);
        untilDone(command, failing, again);
      });
      waiting.add(cancel);
    });
  }

  return {
    async accept(command: Command): Promise<'new' | 'seen'> {
      const wake = () => jobs.wake({ kind: 'command', id: command.id });
      const stored = store.acceptCommand(command);
      // Embedded, both go into one commit; elsewhere the job must find its command. For one seen before it finds nothing.
      const woken = inOneCommit ? wake() : stored.then(wake);
      woken.catch(() => {});
      try {
        const isNew = await stored;
        // Not waited for: Slack waits three seconds, and whoever sees its error types it again.
        untilDone(command, 'nobody could be woken for a stored command', () => woken, wake);
        return isNew ? 'new' : 'seen';
      } catch (error) {
        // It may be there all the same: what was lost is perhaps no more than the answer.
        takenBack.add(command.id);
        untilDone(command, 'a command that counts as not stored could not be taken back', async () => {
          await store.endCommand(command.id, { keyIsFree: true });
          takenBack.delete(command.id);
        });
        throw error;
      }
    },
    /** Whether it counts as not stored, and is not to be run although it is there. Another process may not know. */
    isTakenBack: (id: string): boolean => takenBack.has(id),
    stop(): void {
      stopped = true;
      for (const cancel of waiting) cancel();
    },
  };
}
