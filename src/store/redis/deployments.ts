import { type Deployment, unfinishedStages } from '../../deploy/deployment.ts';
import type { Clock, Store } from '../../deploy/ports.ts';
import { escapeText } from '../escape.ts';
import type { Around, Write } from './around.ts';
import { type Keys, nameOf } from './keys.ts';
import { run } from './steps.ts';

type Deployments = Pick<
  Store,
  'saveDeployment' | 'deployment' | 'deploymentById' | 'deploymentInThread' | 'unfinishedDeployments' | 'deploymentsIn'
>;

/** So many are read in one go: they are whole records, and Redis does nothing else meanwhile. */
const batch = 500;

export function deployments({ link, keys, clock }: Around & { clock: Clock }, write: Write): Deployments {
  const listed = async (index: string, limit: number): Promise<Deployment[]> => {
    const found = await link.send((redis) => run(redis, 'listed-deployments', [index], [keys.deploymentsBelow, limit]));
    return (found as string[]).map((facts) => JSON.parse(facts) as Deployment);
  };
  return {
    async saveDeployment(deployment) {
      const indexes = indexesOf(deployment, keys);
      const { request, repository, id } = deployment;
      await write(
        'save-deployment',
        [keys.deployment(request), keys.deploymentsUnfinished, keys.deploymentsOver, ...indexes.keys()],
        [
          escapeText(request),
          JSON.stringify(deployment),
          unfinishedStages.includes(deployment.stage) ? 1 : 0,
          Date.parse(deployment.askedAt),
          clock.now().getTime(),
          id === undefined ? '' : nameOf(repository, id),
          indexes.size,
          ...indexes.values(),
        ],
      );
    },
    async deployment(request) {
      const facts = await link.send((redis) => redis.hget(keys.deployment(request), 'facts'));
      return facts === null ? undefined : (JSON.parse(facts) as Deployment);
    },
    async deploymentById(repository, id) {
      const [newest] = await listed(`${keys.byIdBelow}${nameOf(repository, id)}`, 1);
      return newest;
    },
    /** The newest, told in that thread or asked for in it. */
    async deploymentInThread(team, room, thread) {
      const [newest] = await listed(keys.deploymentsInThread(team, room, thread), 1);
      return newest;
    },
    async unfinishedDeployments() {
      const requests = await link.send((redis) => redis.zrange(keys.deploymentsUnfinished, '0', '-1'));
      const found: Deployment[] = [];
      for (let from = 0; from < requests.length; from += batch) {
        const places = requests.slice(from, from + batch).map((request) => `${keys.deploymentsBelow}${request}`);
        const facts = await link.send((redis) => Promise.all(places.map((place) => redis.hget(place, 'facts'))));
        for (const one of facts) if (one !== null) found.push(JSON.parse(one) as Deployment);
      }
      // Some may have ended meanwhile.
      return found.filter(({ stage }) => unfinishedStages.includes(stage));
    },
    deploymentsIn: (repository, environment, limit) => listed(keys.deploymentsIn(repository, environment), limit),
  };
}

/** The sorted sets that it is to be found in, and its number in each. */
function indexesOf({ repository, id, create, place, thread, askedAt }: Deployment, keys: Keys): Map<string, number> {
  const asked = Date.parse(askedAt);
  const indexes = new Map<string, number>();
  if (id !== undefined) {
    indexes.set(`${keys.byIdBelow}${nameOf(repository, id)}`, asked);
    indexes.set(keys.deploymentsIn(repository, create.environment), id);
  }
  for (const known of [thread, place.thread]) {
    if (known !== undefined) indexes.set(keys.deploymentsInThread(place.team, place.room, known), asked);
  }
  return indexes;
}
