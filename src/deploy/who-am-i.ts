import type { App, Environment } from './apps.ts';
import { unlistedEnvironment } from './destination.ts';
import { readable } from './may-read.ts';
import type { Command, Ports, Repository, Standing } from './ports.ts';
import { Refusal } from './refusal.ts';
import { appsWithASay, outsideAs, personMayDeploy, roomMayDeploy } from './rules.ts';
import { code, say, type Words } from './words.ts';

/** What the rules make of somebody where they are now, and of the bot on GitHub. */
export interface Identity {
  standing: Standing;
  /** Every app of the catalogue that they may know of: where it may be deployed to from here, and why not to the others. */
  apps: readonly Allowed[];
  /** How many others there are, and why they may not know of them. */
  hidden?: { count: number; words: Words };
  /** Who the bot is on each host, the main one first (no name): a login, or why GitHub does not tell. */
  bot: readonly ({ host?: string } & ({ login: string } | { unknown: Words }))[];
}

export interface Allowed {
  app: string;
  /** The catalogue's environments; empty where it lists none and any will do. */
  environments: readonly string[];
  /** Why not to the others, if there are others; `all`: to none. */
  no?: { words: Words; all: boolean };
}

/** One request to each host of GitHub's. Rejects with a Refusal where Slack does not tell who somebody is. */
export async function whoAmI(ports: Ports, by: Command): Promise<Identity> {
  const [standing, roomName] = await Promise.all([
    ports.chat.standing(by.place.team, by.user.id),
    ports.chat.roomName(by.place),
  ]);
  const place = { ...by.place, roomName };
  const refusalFor = (app: App, environment: Environment): Refusal | undefined => {
    const ruling = appsWithASay(app, environment, ports.apps);
    try {
      roomMayDeploy(ruling, place);
      personMayDeploy(ruling, standing);
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  };
  const shown = new Set((await readable(ports, everyApp(ports), { ...by, show: undefined })).map(({ app }) => app));
  const others = ports.apps.all().filter((app) => !shown.has(app));
  const outside = outsideAs(ports.apps.all(), standing);
  return {
    standing,
    apps: [...shown].map((app) => allowed(app, refusalFor)),
    ...(others.length > 0 && outside && { hidden: { count: others.length, words: whyHidden(outside) } }),
    bot: await Promise.all(hosts(ports).map((repository) => identityAt(ports, repository))),
  };
}

const everyApp = ({ apps }: Ports) => apps.all().map((app) => ({ app }));

/** Without their names: they may be those of private repositories. */
const whyHidden = ({ who, key }: { who: string; key: string }): Words =>
  say`${who} may neither deploy nor look at what lacks ${code(`allow: { ${key}: true }`)} in the catalogue.`;

function allowed(app: App, refusalFor: (app: App, environment: Environment) => Refusal | undefined): Allowed {
  const environments =
    app.environments.length > 0 ? app.environments : [unlistedEnvironment(app.defaultEnvironment ?? 'production')];
  const ruled = environments.map((environment) => ({ environment, no: refusalFor(app, environment) }));
  const no = ruled.find((one) => one.no)?.no;
  const may = ruled.filter((one) => !one.no);
  return {
    app: app.name,
    environments: app.environments.length > 0 ? may.map(({ environment }) => environment.name) : [],
    ...(no && { no: { words: no.words, all: may.length === 0 } }),
  };
}

/** One repository of each host. */
function hosts({ apps }: Ports): Repository[] {
  const byHost = new Map<string | undefined, Repository>([[undefined, { fullName: apps.owner ?? '' }]]);
  for (const { repository, apiUrl } of apps.all()) {
    if (apiUrl !== undefined) byHost.set(apiUrl, { fullName: repository, apiUrl });
  }
  return [...byHost.values()];
}

async function identityAt({ github }: Ports, repository: Repository): Promise<Identity['bot'][number]> {
  const host = repository.apiUrl === undefined ? {} : { host: new URL(repository.apiUrl).host };
  try {
    return { ...host, login: await github.login(repository) };
  } catch (error) {
    if (error instanceof Refusal) return { ...host, unknown: error.words };
    throw error;
  }
}
