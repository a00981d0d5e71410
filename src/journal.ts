import type { Logger } from 'pino';
import type { Deployment } from './deploy/deployment.ts';
import type { Happening, Journal } from './deploy/ports.ts';
import type { Metrics } from './metrics.ts';

/** What happens to deployments, as one line of the log each, with its request and GitHub's id, and in the metrics. */
export function createJournal(log: Logger, metrics: Pick<Metrics, 'told' | 'happened'>): Journal {
  return {
    add(deployment, happening) {
      const { kind, ...facts } = happening;
      metrics.happened(kind);
      if (kind === 'told') metrics.told(happening.state ?? 'note', happening.lagMs);
      const level = troubles.has(kind) ? 'warn' : 'info';
      log[level]({ ...named(deployment), ...facts }, sentences[kind]);
    },
  };
}

const named = ({ request, id, repository, create, place }: Deployment) => ({
  request,
  ...(id !== undefined && { deployment: id }),
  repository,
  environment: create.environment,
  room: place.room,
});

const troubles = new Set<Happening['kind']>(['doubtful', 'given-up']);

const sentences: Readonly<Record<Happening['kind'], string>> = {
  asked: 'a deployment was asked for',
  opened: 'its parent message was posted',
  created: 'GitHub created it',
  ended: 'it is over',
  'let-go': 'it was let go: no news for long',
  adopted: 'a deployment without a record was taken up',
  told: 'a line was told',
  'found-told': 'a line had been told already',
  doubtful: 'nobody knows whether it was done; looking',
  'given-up': 'a line was given up',
  refused: 'it was not deployed',
};
