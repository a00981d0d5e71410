import type { Logger } from 'pino';
import type { Deployment } from './deploy/deployment.ts';
import type { Clock, Happening, Journal } from './deploy/ports.ts';
import type { Metrics } from './metrics.ts';

/** How long the log has heard enough of a room that can't be told. */
const unheardForMs = 60 * 60_000;

/** What happens to deployments, as one line of the log each, with its request and GitHub's id, and in the metrics. */
export function createJournal(log: Logger, metrics: Pick<Metrics, 'told' | 'happened'>, clock: Clock): Journal {
  const warned = new Map<string, number>();

  /** The catalogue may announce a whole organization in a room without the bot: somebody has to hear of it, and not each time. */
  function isNoise({ place }: Deployment, { kind }: Happening): boolean {
    if (kind !== 'unheard') return false;
    const key = `${place.team} ${place.room}`;
    const now = clock.now().getTime();
    const before = warned.get(key);
    if (before !== undefined && now - before < unheardForMs) return true;
    warned.set(key, now);
    return false;
  }

  return {
    add(deployment, happening) {
      const { kind, ...facts } = happening;
      metrics.happened(kind);
      if (kind === 'told') metrics.told(happening.state ?? 'note', happening.lagMs);
      const level = isNoise(deployment, happening) ? 'debug' : troubles.has(kind) ? 'warn' : 'info';
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

const troubles = new Set<Happening['kind']>(['doubtful', 'given-up', 'unheard']);

const sentences: Readonly<Record<Happening['kind'], string>> = {
  asked: 'a deployment was asked for',
  opened: 'its parent message was posted',
  created: 'GitHub created it',
  ended: 'it is over',
  'let-go': 'it was let go: no news for long',
  adopted: 'a deployment without a record was taken up',
  mirrored: 'a room reads along with a deployment',
  told: 'a line was told',
  'found-told': 'a line had been told already',
  doubtful: 'nobody knows whether it was done; looking',
  'given-up': 'a line was given up',
  refused: 'it was not deployed',
  unheard: 'a room that reads along can’t be written to: invite the bot, or take the room out of the catalogue',
};
