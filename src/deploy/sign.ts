import type { State } from './deployment.ts';

/** How each state looks, the same everywhere. One that GitHub adds later looks as if nothing had happened yet. */
export const signOf = (state: State): string => signs[state] ?? '⚪';

const signs: Partial<Record<State, string>> = {
  queued: '⚪',
  pending: '⚪',
  waiting: '🟡',
  in_progress: '🔵',
  success: '🟢',
  failure: '🔴',
  error: '🔴',
  inactive: '⚫',
};
