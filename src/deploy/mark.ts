import type { App } from './apps.ts';
import { readDestination } from './destination.ts';
import { unknownEnvironment } from './did-you-mean.ts';
import { done } from './done.ts';
import { lookUp } from './lookup.ts';
import { mayChange, mayReach } from './may-decide.ts';
import { nameOf } from './name-of.ts';
import type { Answer, Command, Mark, Ports } from './ports.ts';
import { type Named, printWhich } from './print-which.ts';
import { printMark } from './read-mark.ts';
import { Refusal } from './refusal.ts';
import { saidBy, setStatus } from './set-status.ts';
import { code, link, say } from './words.ts';

/**
 * Sets a status by hand. To move the deployment to another environment one has to be allowed to deploy there, too. Throws a
 * Refusal.
 */
export async function mark(ports: Ports, which: Named, asked: Mark, by: Command): Promise<Answer> {
  const found = await lookUp(ports, by, which.id, which.app);
  const { app, repository, remote, ours } = found;
  await mayChange(ports, app, remote, by);
  const moved =
    asked.environment === undefined ? undefined : environmentOf(app, asked.environment, which, asked, ports);
  if (moved !== undefined) await mayReach(ports, app, moved, by);
  const { environment: _, ...rest } = asked;
  const wanted: Mark = {
    ...rest,
    description: asked.description ?? saidBy((name) => `${name} set this by hand`, await nameOf(ports, by)),
    ...(moved !== undefined && { environment: moved }),
  };
  const known = by.begunAt === undefined ? [] : await ports.github.statuses(repository, remote.id);
  const status = await setStatus(ports, found, wanted, by, known);
  const page = ports.github.page(repository);
  const id = `#${remote.id}`;
  const words = [
    ...say`Set ${code(status.state)} on ${page ? link(id, `${page}/deployments`) : id} of ${code(app.name)} in ${status.environment ?? moved ?? remote.environment}: “${status.description}”.`,
    ...(status.logUrl ? [' ', link('Log', status.logUrl)] : []),
    ...(status.environmentUrl ? [' ', link('Open', status.environmentUrl)] : []),
    ...(ours ? [' Its thread tells it, too.'] : []),
  ];
  return done(words, ours !== undefined);
}

/** GitHub's name of an environment that somebody typed. Where the catalogue lists environments it is one of them. */
function environmentOf(app: App, typed: string, which: Named, asked: Mark, { apps }: Ports): string {
  const line = (environment: string) =>
    ['mark', ...printWhich(which, apps), ...printMark({ ...asked, environment })].join(' ');
  const offers = {
    instead: ({ destination = '' }: { destination?: string }) => line(destination),
    example: () => line(typed),
  };
  const read = readDestination(typed, app);
  if (!read) throw unknownEnvironment(typed, app, offers);
  if (read.hosts.length === 0) return read.environment.githubEnvironment;
  throw new Refusal(
    'bad-environment',
    say`A status takes no hosts. Try ${code(`/deploy ${line(read.environment.name)}`)}.`,
  );
}
