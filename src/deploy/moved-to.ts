import type { Deployment, Status } from './deployment.ts';

/** GitHub's environment that a status has moved a deployment to; nothing where it is still in the one it was made for. */
export function movedTo({ create }: Deployment, statuses: readonly Status[]): string | undefined {
  const named = statuses.findLast(({ environment }) => environment)?.environment;
  return named?.toLowerCase() === create.environment.toLowerCase() ? undefined : named;
}
