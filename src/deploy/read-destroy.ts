import type { App, Apps } from './apps.ts';
import type { DestroyRequest } from './destroy.ts';
import { environmentHere, type Here } from './here.ts';
import { printTyped } from './line.ts';
import { printQuestion } from './print-subject.ts';
import { Refusal } from './refusal.ts';
import { readSubject } from './subject.ts';
import { code, list, say } from './words.ts';

/**
 * Reads `app in environment`; in a deployment's thread nothing need be said. Throws a Refusal for everything else; the lines
 * that it offers have these options, too.
 */
export function readDestroy(
  words: readonly string[],
  options: Readonly<Record<string, unknown>>,
  apps: Apps,
  here: Here | undefined,
): DestroyRequest {
  const [first, second] = apps.all();
  if (words.length === 0 && !here && first && second) throw whichEnvironment(apps.all(), options, apps);
  const { app, environment } = readSubject(words, apps, {
    verb: 'destroy',
    environment: 'bare',
    here,
    besides: printTyped(options),
  });
  const meant = environment ?? (words.length === 0 ? environmentHere(here, app, apps) : undefined);
  if (meant) return { app, environment: meant };
  throw whichEnvironment([app], options, apps);
}

/** As many buttons as fit into a row. */
const mostOffered = 5;

/** Those that go away again. */
function whichEnvironment(of: readonly App[], options: Readonly<Record<string, unknown>>, apps: Apps): Refusal {
  const transient = of.flatMap((app) =>
    app.environments.filter((one) => one.transient).map((environment) => ({ app, environment })),
  );
  const lines = transient.slice(0, mostOffered).map((subject) => printQuestion('destroy', subject, options, apps));
  if (lines.length === 0) {
    const [only, other] = of;
    return new Refusal(
      'no-environment',
      say`Say which environment, behind ${code('in')}: the catalogue has none${only && !other ? say` of ${code(only.name)}` : ''} that goes away again.`,
    );
  }
  return new Refusal(
    'no-environment',
    say`Say which environment: ${list(lines.slice(0, 3).map((line) => code(`/deploy ${line}`)))}.`,
    lines.map((line) => ({ label: line, line, danger: true })),
  );
}
