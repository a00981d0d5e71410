import { type Deployment, unfinishedStages } from '../../deploy/deployment.ts';
import type { Clock, Store } from '../../deploy/ports.ts';
import { escapeText } from '../escape.ts';
import type { Around, Write } from './around.ts';
import { inOneGo } from './in-one-go.ts';
import { type Keys, nameOf } from './keys.ts';
import { run } from './steps.ts';

type Deployments = Pick<
  Store,
  | 'saveDeployment'
  | 'deployment'
  | 'deploymentById'
  | 'deploymentInThread'
  | 'unfinishedDeployments'
  | 'deploymentsIn'
  | 'mirrorsOf'
  | 'mirrorsIn'
>;

/** So many are read in one go: they are whole records, and Redis does nothing else meanwhile. */
const batch = 500;
/** More than there are rooms that read along with one deployment, and a number that Redis takes. */
const anyNumber = 1_000_000;

export function deployments({ link, keys, clock }: Around & { clock: Clock }, write: Write): Deployments {
  const listed = async (index: string, limit: number): Promise<Deployment[]> => {
    const found = await link.send((redis) => run(redis, 'listed-deployments', [index], [keys.deploymentsBelow, limit]));
    return (found as (string | null)[]).flatMap((facts) => (facts === null ? [] : (JSON.parse(facts) as Deployment)));
  };
  const requestsIn = (index: string) => link.send((redis) => redis.zrange(index, '0', '-1'));

  /** There may be thousands. */
  async function unfinished(index = keys.deploymentsUnfinished): Promise<Deployment[]> {
    const requests = await requestsIn(index);
    const found: Deployment[] = [];
    for (let from = 0; from < requests.length; from += batch) {
      const places = requests.slice(from, from + batch).map((request) => `${keys.deploymentsBelow}${request}`);
      const facts = await link.send((redis) => inOneGo(redis, places, (place) => ['hget', place, 'facts']));
      for (const one of facts) if (typeof one === 'string') found.push(JSON.parse(one) as Deployment);
    }
    return found.filter(isUnfinished);
  }

  let sorted: Promise<void> | undefined;
  /** Sorts by repository what an older Deckhand saved: once a process, since older ones may write meanwhile. */
  async function sortByRepository(): Promise<void> {
    const ours = (await unfinished()).filter(isOurs);
    const places = ours.map(({ request, repository, askedAt }) => ({
      index: keys.deploymentsUnfinishedIn(repository),
      request: escapeText(request),
      asked: Date.parse(askedAt),
    }));
    for (let from = 0; from < places.length; from += batch) {
      const some = places.slice(from, from + batch);
      await link.send((redis) => inOneGo(redis, some, ({ index, asked, request }) => ['zadd', index, asked, request]));
    }
    // Some may have ended before they were sorted in.
    const still = new Set(await requestsIn(keys.deploymentsUnfinished));
    const over = places.filter(({ request }) => !still.has(request));
    await link.send((redis) => inOneGo(redis, over, ({ index, request }) => ['zrem', index, request]));
  }

  async function unfinishedIn(repository: string): Promise<Deployment[]> {
    sorted ??= sortByRepository();
    await sorted.catch((error: unknown) => {
      sorted = undefined;
      throw error;
    });
    return (await unfinished(keys.deploymentsUnfinishedIn(repository))).filter(isOurs);
  }

  return {
    async saveDeployment(deployment) {
      const indexes = indexesOf(deployment, keys);
      const { request, repository, id } = deployment;
      await write(
        'save-deployment',
        [
          keys.deployment(request),
          keys.deploymentsUnfinished,
          keys.deploymentsOver,
          keys.deploymentsUnfinishedIn(repository),
          ...indexes.keys(),
        ],
        [
          escapeText(request),
          JSON.stringify(deployment),
          unfinishedStages.includes(deployment.stage) ? 1 : 0,
          Date.parse(deployment.askedAt),
          clock.now().getTime(),
          id === undefined ? '' : nameOf(repository, id),
          indexes.size,
          deployment.mirror ? 1 : 0,
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
    unfinishedDeployments: (repository) => (repository === undefined ? unfinished() : unfinishedIn(repository)),
    deploymentsIn: (repository, environment, limit) => listed(keys.deploymentsIn(repository, environment), limit),
    async mirrorsOf(repository, id) {
      return (await listed(`${keys.mirrorsBelow}${nameOf(repository, id)}`, anyNumber)).reverse();
    },
    mirrorsIn: (repository, environment, limit) => listed(keys.mirrorsIn(repository, environment), limit),
  };
}

/** Some may have ended since they were listed. */
const isUnfinished = ({ stage }: Deployment): boolean => unfinishedStages.includes(stage);

const isOurs = ({ mirror }: Deployment): boolean => mirror === undefined;

/** The sorted sets that it is to be found in, and its number in each. */
function indexesOf(deployment: Deployment, keys: Keys): Map<string, number> {
  const { repository, id, create, place, thread, askedAt, mirror } = deployment;
  const asked = Date.parse(askedAt);
  const indexes = new Map<string, number>();
  if (id !== undefined) {
    const [byId, inEnvironment] = mirror ? [keys.mirrorsBelow, keys.mirrorsIn] : [keys.byIdBelow, keys.deploymentsIn];
    indexes.set(`${byId}${nameOf(repository, id)}`, asked);
    indexes.set(inEnvironment(repository, create.environment), id);
  }
  for (const known of [thread, place.thread]) {
    if (known !== undefined) indexes.set(keys.deploymentsInThread(place.team, place.room, known), asked);
  }
  return indexes;
}
