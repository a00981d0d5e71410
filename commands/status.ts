import {
  type Account,
  ago,
  bold,
  type CommandFile,
  type Context,
  code,
  fitting,
  type InEnvironment,
  type Known,
  link,
  list,
  newestFitting,
  person,
  printTyped,
  readOnlyWhich,
  readSubject,
  readWhich,
  refOf,
  room,
  type Sighting,
  say,
  showOption,
  signFor,
  stateOf,
  trailOf,
  unlookedAt,
  type Whereabouts,
  type Words,
  whatIs,
  whenAndWho,
  whyUntold,
} from '../src/commands.ts';

/** One deployment, the newest ones of an app, or all that are not over. */
export default {
  name: 'status',
  summary: 'Says where a deployment stands, how an app’s newest ones went, or what is under way.',
  usage: ['status', 'status <app> [<environment>]', 'status [<app>] <deployment id>'],
  examples: [
    { line: 'status', means: 'in a deployment’s thread: that deployment; elsewhere: all that are not over' },
    { line: 'status hello', means: 'the newest deployment to each environment of hello, and what is under way' },
    { line: 'status 1234567890', means: 'the deployment with that id on GitHub, whoever started it' },
  ],
  options: { show: showOption },
  isQuestion: true,
  async run({ words, options }, context) {
    const { answer, apps, clock, command, deployer } = context;
    const besides = printTyped(options);
    const of = { verb: 'status', options: besides };
    const here = (await deployer.inThread(command.place))?.deployment;
    if (readWhich(words, apps, of).id !== undefined || (words.length === 0 && here)) {
      const found = await deployer.account(readOnlyWhich(words, apps, of), command);
      return answer(story(found, apps.find(found.app)?.task, clock.now()));
    }
    if (words.length === 0) return underWay(context);
    const subject = readSubject(words, apps, { verb: 'status', environment: 'bare', here, besides });
    const found = await deployer.newestIn(subject, command);
    await answer(newest(found, clock.now()));
  },
} satisfies CommandFile;

async function underWay({ answer, clock, command, deployer }: Context): Promise<void> {
  const { all, hidden } = await deployer.unfinished(command);
  const others =
    hidden === 0
      ? []
      : say`${hidden} ${hidden === 1 ? 'deployment is' : 'deployments are'} of apps that I don’t show ${command.show ? 'in this room' : 'you'}.`;
  if (all.length === 0)
    return answer([...say`Nothing is under way`, ...(hidden === 0 ? ['.'] : [' that I may show. ', ...others])]);
  const lines = all.slice(0, mostLines).map((each) => headline(each, clock.now()));
  const more = all.length - lines.length;
  await answer([
    ...lines.flatMap((line, index) => [...(index > 0 ? ['\n'] : []), ...line]),
    ...(more > 0 ? say`\nand ${more} more; ${code('/deploy status')} with an app shows its own` : []),
    ...(hidden > 0 ? ['\n', ...others] : []),
  ]);
}

const mostLines = 20;

function headline({ deployment, statuses }: Known, now: Date): Words {
  const { app, environment, place, asker, id } = deployment;
  const last = statuses.at(-1)?.status.state;
  const state = stateOf({ ...(last !== undefined && { state: last }), ours: deployment });
  return say`${bold(`${app}/${refOf(deployment)}`)} to ${bold(environment)}: ${state}, asked by ${person(asker.id)} in ${room(place.room)} ${ago(deployment.askedAt, now)}${
    id === undefined ? '' : ` (${id})`
  }`;
}

/** All that is known of one deployment, the newest last, as it happened. */
function story({ app, environment, home, sighting, statuses }: Account, task: string | undefined, now: Date): Words {
  const { ours, state, since, createdAt } = sighting;
  const asked = ours
    ? say`\nAsked by ${person(ours.asker.id)} in ${room(ours.place.room)} ${ago(ours.askedAt, now)}`
    : say`\nCreated by ${sighting.by} ${ago(createdAt, now)}`;
  const reason = ours?.refusal ? say`\nNot deployed: ${ours.refusal.words}` : [];
  const all = statuses.map((status) => statusLine(status, now));
  const lines = newestFitting(all, mostLines);
  return [
    ...say`${signFor(sighting)} ${bold(app)} ${whatIs(sighting, { task: task ?? 'deploy' }, home)} to ${bold(environment)}: ${stateOf(sighting)}`,
    ...(state === undefined ? [] : say` ${ago(since, now)}`),
    ...trailOf(sighting),
    ...asked,
    ...reason,
    ...(all.length > lines.length ? say`\n… ${all.length - lines.length} before these` : []),
    ...lines.flat(),
  ];
}

const statusLine = (
  { state, createdAt, creator, description, logUrl, environmentUrl }: Account['statuses'][number],
  now: Date,
): Words => {
  const links = [
    ...(logUrl === undefined ? [] : [link('log', logUrl)]),
    ...(environmentUrl === undefined ? [] : [link('open', environmentUrl)]),
  ];
  return [
    ...say`\n• ${state.replaceAll('_', ' ')} ${ago(createdAt, now)}, ${creator}${description === '' ? '' : `: ${description}`}`,
    ...(links.length === 0 ? [] : [' (', ...list(links, 'and'), ')']),
  ];
};

/** The newest of each environment, and what else is under way there. */
function newest({ app, url, environments }: Whereabouts, now: Date): Words {
  const lines = environments.map((one) => environmentLines(one, app, url, now));
  const left = lines.length - fitting(lines);
  return [
    ...say`${bold(app.name)}, the newest deployment to ${environments.length === 1 ? 'this environment' : 'each environment'}`,
    ...lines.slice(0, fitting(lines)).flat(),
    ...(left > 0 ? say`\nThere was no room for ${left} more; name one behind the app to see it alone.` : []),
    ...whyUntold(environments),
  ];
}

function environmentLines(
  { environment, newest: first, underWay: moving, unseen, unlisted }: InEnvironment,
  app: Whereabouts['app'],
  home: string | undefined,
  now: Date,
): Words {
  const others = moving.filter(({ id }) => id === undefined || id !== first?.id);
  const all = [...others, ...(first ? [first] : [])].sort(newestFirst);
  const none = say`\n⚪ ${bold(environment.name)}: ${unlisted ? 'not looked at' : 'nothing was deployed'}`;
  const rows = [...all, ...unlookedAt({ unseen, underWay: moving })];
  return rows.length === 0
    ? none
    : rows.flatMap((one, index) => [
        ...(index === 0 ? say`\n${signFor(one)} ${bold(environment.name)}: ` : say`\n↳ ${signFor(one)} `),
        ...say`${whatIs(one, app, home)}: ${stateOf(one)}, ${whenAndWho(one, now)}${trailOf(one)}`,
      ]);
}

/** What GitHub has not created yet is newer than all that it has. */
const newestFirst = (a: Sighting, b: Sighting): number => (b.id ?? Number.MAX_VALUE) - (a.id ?? Number.MAX_VALUE);
