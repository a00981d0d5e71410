import type { App, Environment } from './apps.ts';
import { refOf } from './deployment.ts';
import { done } from './done.ts';
import { inTurn } from './in-turn.ts';
import type { Lately } from './lately.ts';
import { quote } from './line.ts';
import { mayChange, mayDecide } from './may-decide.ts';
import { nameOf } from './name-of.ts';
import { short } from './origin.ts';
import type { Answer, Command, Mark, Ports, Repository } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { Reported } from './reported.ts';
import { saidBy, setBefore, setStatus } from './set-status.ts';
import { repositoryOf } from './successor.ts';
import { spell } from './target.ts';
import { type Transient, transientIn } from './transient-in.ts';
import { bold, code, list, say, type Words } from './words.ts';

export interface DestroyRequest {
  app: App;
  environment: Environment;
  /** Only what was created before the deployment of this id; all if omitted. */
  before?: number;
}

/** When so many in a row are refused, the others will be, too. */
const mostRefusedInARow = 2;

/**
 * Makes what is live in a transient environment inactive. Throws a Refusal for environments that stay, and where nothing is
 * live. Run again after a crash it goes on where it was cut off.
 */
export async function destroy(ports: Ports, lately: Lately, request: DestroyRequest, by: Command): Promise<Answer> {
  const { app, environment } = request;
  await mayDecide(ports, { app: app.name, repository: app.repository, environment: environment.name }, by);
  const repository = repositoryOf(app);
  const lease = `destroy:${repository.fullName.toLowerCase()}:${environment.githubEnvironment.toLowerCase()}`;
  const busy = say`Somebody else destroys ${bold(environment.name)} of ${code(app.name)} at this moment. Look again in a minute.`;
  return inTurn(ports, lease, busy, () => destroyAlone(ports, lately, repository, request, by));
}

async function destroyAlone(
  ports: Ports,
  lately: Lately,
  repository: Repository,
  request: DestroyRequest,
  by: Command,
): Promise<Answer> {
  const { app, environment, before } = request;
  const filter = { environment: environment.githubEnvironment, ...(before !== undefined && { before }) };
  const options = { stays: !environment.transient, anew: by.begunAt !== undefined };
  const found = await transientIn(ports, lately, repository, filter, options);
  if (found.all.length === 0 && !environment.transient) throw stays(request, ports);

  const mark: Mark = {
    state: 'inactive',
    description: saidBy((who) => `destroyed by ${who}`, await nameOf(ports, by)),
  };
  const isDoomed = ({ course, statuses }: Reported) => course === 'live' || setBefore(statuses, mark, by) !== undefined;
  const doomed = found.all.filter(isDoomed);
  const rest = [...stillUnderWay(found.all), ...notLookedAt(request, found, ports)];
  if (doomed.length === 0) throw nothingLive(request, rest, ports);
  const { inactive, refused, untried } = await makeInactive(ports, repository, app, doomed, mark, by);
  const [first] = refused;
  if (inactive.length === 0 && first) throw first.refusal;
  return done(
    [
      ...say`${bold('Destroyed')} ${bold(environment.name)} of ${code(app.name)}: ${namesOf(inactive)} ${inactive.length === 1 ? 'is' : 'are'} inactive. GitHub tells no deployer of that, so what still runs there is to be taken down by whoever runs it.`,
      ...refused.flatMap(({ one, refusal }) => say`\n${namesOf([one])} is still live: ${refusal.words}`),
      ...(untried.length === 0 ? [] : say`\nSo I left the rest as it is: ${namesOf(untried)}.`),
      ...rest,
    ],
    inactive.every(({ ours }) => ours !== undefined),
  );
}

interface Outcome {
  inactive: readonly Reported[];
  refused: readonly { one: Reported; refusal: Refusal }[];
  untried: readonly Reported[];
}

/** One after the other; what GitHub refuses for one of them stops the others only where it goes on refusing. */
async function makeInactive(
  ports: Ports,
  repository: Repository,
  app: App,
  doomed: readonly Reported[],
  mark: Mark,
  by: Command,
): Promise<Outcome> {
  const inactive: Reported[] = [];
  const refused: { one: Reported; refusal: Refusal }[] = [];
  let inARow = 0;
  for (const [index, one] of doomed.entries()) {
    const { deployment: remote, ours, statuses } = one;
    try {
      await mayChange(ports, app, remote, by);
      await setStatus(ports, { repository, app, remote, ...(ours && { ours }) }, mark, by, statuses);
      inactive.push(one);
      inARow = 0;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused.push({ one, refusal: error });
      inARow += 1;
      if (inARow === mostRefusedInARow) return { inactive, refused, untried: doomed.slice(index + 1) };
    }
  }
  return { inactive, refused, untried: [] };
}

/** So many are named; more nobody reads. */
const mostNamed = 10;

function namesOf(all: readonly Reported[]): Words {
  const named = all
    .slice(0, mostNamed)
    .map(({ deployment: { id, ref }, ours }) => say`#${id} (${code(short(ours ? refOf(ours) : ref))})`);
  const more = all.length - named.length;
  return list(more > 0 ? [...named, `${more} more`] : named, 'and');
}

function stays({ app, environment }: DestroyRequest, { apps }: Ports): Refusal {
  const others = app.environments.filter(({ transient }) => transient);
  const lines = others.map(({ name }) => `destroy ${quote(spell({ app }, apps))} in ${quote(name)}`);
  const instead =
    lines.length === 0
      ? say` One that goes away again has ${code('transient_environment: true')} in the catalogue, or is deployed to with ${code('--transient')}.`
      : say` Try ${list(lines.slice(0, 3).map((line) => code(`/deploy ${line}`)))}.`;
  return new Refusal('not-transient', [
    ...say`${bold(environment.name)} of ${code(app.name)} is there to stay, so I don’t destroy it.`,
    ...instead,
  ]);
}

function nothingLive({ app, environment }: DestroyRequest, rest: Words, { apps }: Ports): Refusal {
  const what = say`Nothing of ${code(app.name)} is live in ${bold(environment.name)}, so there is nothing to destroy.`;
  if (rest.length > 0) return new Refusal('nothing-live', [...what, ...rest]);
  const line = `where ${quote(spell({ app }, apps))}`;
  return new Refusal('nothing-live', [...what, ...say` ${code(`/deploy ${line}`)} shows what is live where.`]);
}

function stillUnderWay(all: readonly Reported[]): Words {
  const ids = all.filter(({ course }) => course === 'under-way').map(({ deployment: { id } }) => id);
  const [first] = ids;
  if (first === undefined) return [];
  const named = list(
    ids.length > mostNamed
      ? [...ids.slice(0, mostNamed).map(numbered), `${ids.length - mostNamed} more`]
      : ids.map(numbered),
    'and',
  );
  return say`\n${named} ${ids.length === 1 ? 'has' : 'have'} not ended yet: ${code(`/deploy cancel ${first}`)} ends ${ids.length === 1 ? 'it' : 'the first'}.`;
}

const numbered = (id: number): string => `#${id}`;

function notLookedAt({ app, environment }: DestroyRequest, { next }: Transient, { apps }: Ports): Words {
  if (next === undefined) return [];
  const line = `destroy ${quote(spell({ app }, apps))} in ${quote(environment.name)} --before ${next}`;
  return say`\nI looked at none before #${next}, and older ones may still be live: ${code(`/deploy ${line}`)} goes on there.`;
}
