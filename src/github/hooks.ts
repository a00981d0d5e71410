import { z } from 'zod';
import type { Host } from './host.ts';

/** Where githubWebhooks is reached, whatever stands before it on the way. */
const ourPath = /\/github\/webhooks\/?$/;

const hooksShape = z.array(
  z.object({
    id: z.int(),
    active: z.boolean(),
    events: z.array(z.string()),
    config: z.object({ url: z.string().nullish() }),
  }),
);

/** Ids of the hooks of a repository that bring us its deployment statuses. Rejects with a Refusal where we may not look. */
export async function ourHooks(host: Host, repository: string): Promise<number[]> {
  const request = { route: 'GET /repos/{owner}/{repo}/hooks', remember: true };
  const ours: number[] = [];
  for await (const hooks of host.pages(repository, request, hooksShape)) {
    for (const { id, active, events, config } of hooks) {
      const hasNews = events.includes('*') || events.includes('deployment_status');
      if (active && hasNews && ourPath.test(pathOf(config.url))) ours.push(id);
    }
  }
  return ours;
}

function pathOf(address: string | null | undefined): string {
  return address && URL.canParse(address) ? new URL(address).pathname : '';
}
