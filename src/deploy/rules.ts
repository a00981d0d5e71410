import type { App, Apps, Environment } from './apps.ts';
import { environmentNamed } from './apps.ts';
import type { CreateParameters, Place } from './deployment.ts';
import { unlistedEnvironment } from './destination.ts';
import type { Standing } from './ports.ts';
import { Refusal } from './refusal.ts';
import { type DeployRequest, printDeploy } from './request.ts';
import { code, list, type Piece, room, say, type Words } from './words.ts';

/** GitHub's own default for an environment that nobody named. */
const githubsDefaultEnvironment = 'production';

/** GitHub allows 140 characters in a status description; the descriptions that we make up are held to the same. */
const descriptionLimit = 140;

/**
 * The environment a request means: the one typed, else the app's default. Where there is neither it is GitHub's default,
 * `production`, and that is never taken for granted: it is refused with a button that asks for it by name.
 */
export function environmentFor(request: DeployRequest, apps: Apps): Environment {
  const { app } = request;
  if (request.environment) return request.environment;
  if (app.defaultEnvironment)
    return environmentNamed(app, app.defaultEnvironment) ?? unlistedEnvironment(app.defaultEnvironment);

  const production = environmentNamed(app, githubsDefaultEnvironment);
  if (!production && app.environments.length > 0) {
    const names = app.environments.map((environment) => code(environment.name));
    throw new Refusal(
      'no-environment',
      say`${code(app.name)} has no default environment. Say where to: ${list(names)}, as in ${code(
        `/deploy ${printDeploy({ ...request, environment: app.environments[0] }, apps)}`,
      )}.`,
    );
  }
  const line = printDeploy(
    { ...request, environment: production ?? unlistedEnvironment(githubsDefaultEnvironment) },
    apps,
  );
  throw new Refusal(
    'confirm-environment',
    say`No environment was named and ${code(app.name)} has no default, so this would go to ${code('production')}. Press the button to deploy there, or type ${code(`/deploy ${line}`)}.`,
    [{ label: 'Deploy to production', line, confirming: true, danger: true }],
  );
}

/**
 * Every app whose rules hold for this repository and GitHub environment. Another spelling of an app, a second entry for
 * its repository, or the repository's own name must not go around them. Without an environment it may be any of them.
 */
export function appsWithASay(app: App, environment: Environment | undefined, apps: Apps): readonly App[] {
  const wanted = environment?.githubEnvironment.toLowerCase();
  const others = apps
    .inRepository(app.repository)
    .filter((other) => other.name !== app.name)
    .filter(
      (other) =>
        wanted === undefined ||
        other.environments.length === 0 ||
        other.environments.some((candidate) => candidate.githubEnvironment.toLowerCase() === wanted),
    );
  return [app, ...others];
}

/** Refuses in rooms that any app with a say has not allowed. */
export function roomMayDeploy(ruling: readonly App[], place: Place): void {
  const closed = closedRoom(ruling, place);
  if (!closed) return;
  throw new Refusal(
    'wrong-room',
    closed.rooms.length === 0
      ? say`${code(closed.app.name)} is deployed from no room: its ${code('allowed_rooms')} is empty. Ask whoever keeps the catalogue to add this one.`
      : say`${code(closed.app.name)} is not deployed from here. Type the same in ${list(closed.rooms)}.`,
  );
}

/**
 * The first app with a say that has not allowed this room, and the rooms that it has. Names match with and without `#`, in
 * any case.
 */
export function closedRoom(
  ruling: readonly App[],
  place: Pick<Place, 'room' | 'roomName'>,
): { app: App; rooms: readonly (Piece | Words)[] } | undefined {
  for (const app of ruling) {
    if (!app.allowedRooms) continue;
    const here = [place.room, `#${place.roomName}`.toLowerCase()];
    if (app.allowedRooms.some((allowed) => here.includes(allowed) || here.includes(allowed.toLowerCase()))) continue;
    return { app, rooms: app.allowedRooms.map((allowed) => (allowed.startsWith('#') ? allowed : room(allowed))) };
  }
  return undefined;
}

/** As what somebody is kept from apps, and what the catalogue calls them; nothing where every app with a say lets them. */
export const outsideAs = (ruling: readonly App[], standing: Standing) =>
  [
    { is: standing.bot, key: 'bots' as const, who: 'Bots' },
    { is: standing.external, key: 'external' as const, who: 'People from other organisations' },
    { is: standing.guest, key: 'guests' as const, who: 'Guests' },
  ].find(({ is, key }) => is && ruling.some((app) => !app.outsiders[key]));

/** Refuses guests, people of other organisations and bots, unless every app with a say lets them. */
export function personMayDeploy(ruling: readonly App[], standing: Standing): void {
  const outside = outsideAs(ruling, standing);
  if (!outside) return;
  throw new Refusal(
    'outsider',
    say`${outside.who} may not deploy ${code(ruling[0]?.name ?? 'this app')}. Ask a member of the team to type it; ${code(`allow: { ${outside.key}: true }`)} in the catalogue would change that.`,
  );
}

/**
 * The contexts that must be green: the environment's list, else the app's, else all (undefined). `--require` adds to a
 * list and never shortens one; where there is none it is the list.
 */
export function requiredContexts(request: DeployRequest, environment: Environment): string[] | undefined {
  if (request.force) return [];
  const configured = environment.requiredContexts ?? request.app.requiredContexts;
  if (!request.require) return configured && [...configured];
  return [...new Set([...(configured ?? []), ...request.require])];
}

/** What GitHub is asked to create. `auto_merge` is always said, since GitHub's default would push to the branch. */
export function createParameters(
  request: DeployRequest,
  environment: Environment,
  ref: string,
  asked: { by: string; roomName: string },
): CreateParameters {
  const contexts = requiredContexts(request, environment);
  const transient = request.transient ?? environment.transient;
  const production = request.production ?? environment.production;
  return {
    ref,
    task: request.task ?? request.app.task,
    auto_merge: request.force ? false : (request.autoMerge ?? request.app.autoMerge),
    ...(contexts && { required_contexts: contexts }),
    environment: environment.githubEnvironment,
    description: request.description ?? describedAs(`${asked.by} asked in ${asked.roomName}`),
    ...(transient !== undefined && { transient_environment: transient }),
    ...(production !== undefined && { production_environment: production }),
    payload: { ...request.app.payload, ...request.payload },
  };
}

/** A description that we make up, cut to what GitHub takes. */
export function describedAs(text: string): string {
  const points = [...text];
  return points.length <= descriptionLimit ? text : `${points.slice(0, descriptionLimit - 1).join('')}…`;
}
