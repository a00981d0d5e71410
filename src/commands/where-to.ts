import { type Apps, type Environment, environmentNamed } from '../deploy/apps.ts';
import { unlistedEnvironment } from '../deploy/destination.ts';
import { environmentHere, type Here } from '../deploy/here.ts';
import { Refusal } from '../deploy/refusal.ts';
import type { Subject } from '../deploy/subject.ts';
import { code, list, say } from '../deploy/words.ts';

const mostOffered = 5;

/**
 * The environment that a question is about: the one typed, that of the thread's deployment where it is of the same app, the
 * app's default, the only one it has, or GitHub's default where it lists none. Throws a Refusal that offers the others, each
 * in the line that asks about it.
 */
export function whereTo(
  { app, environment }: Subject,
  { here, apps }: { here: Here | undefined; apps: Apps },
  lineFor: (environment: Environment) => string,
): Environment {
  const named = environment ?? environmentHere(here, app, apps);
  if (named) return named;
  const { defaultEnvironment: name, environments } = app;
  if (name !== undefined) return environmentNamed(app, name) ?? unlistedEnvironment(name);
  const [only, ...others] = environments;
  if (!only) return unlistedEnvironment('production');
  if (others.length === 0) return only;
  const offered = environments.slice(0, mostOffered);
  throw new Refusal(
    'no-environment',
    say`${code(app.name)} has no default environment. Say which: ${list(offered.map((one) => code(`/deploy ${lineFor(one)}`)))}.`,
    offered.map((one) => ({ label: one.name, line: lineFor(one) })),
  );
}
