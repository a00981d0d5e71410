import { environmentOnGitHub } from './again.ts';
import type { Apps } from './apps.ts';
import type { Deployment, Status } from './deployment.ts';
import { appNamed } from './lookup.ts';
import { movedTo } from './moved-to.ts';

/** Where a deployment is by its statuses in GitHub's order, as the catalogue calls that where it does. */
export function environmentNow(deployment: Deployment, statuses: readonly Status[], apps: Apps): string {
  const moved = movedTo(deployment, statuses);
  return moved === undefined ? deployment.environment : environmentOnGitHub(appNamed(deployment, apps), moved).name;
}
