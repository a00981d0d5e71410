import {
  type Answer,
  type App,
  type Apps,
  ago,
  bold,
  type CommandFile,
  type Context,
  code,
  fitting,
  type InEnvironment,
  link,
  list,
  names,
  printDeploy,
  printQuestion,
  printTyped,
  readSubject,
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

/** What is where. */
export default {
  name: 'where',
  aliases: ['wcid', 'what'],
  summary: 'Says what is live and under way in each environment, and where you may deploy.',
  usage: ['where <app>', 'where <app> <environment>', 'where can i deploy <app>'],
  examples: [
    { line: 'where hello', means: 'every environment of hello' },
    { line: 'where hello in production', means: 'that environment alone' },
    { line: 'wcid hello', means: 'the same as where hello, for those who are used to it' },
  ],
  options: { show: showOption },
  isQuestion: true,
  async run({ words, options }, { answer, apps, command, deployer, clock }) {
    const asked = withoutSentence(words);
    const here = (await deployer.inThread(command.place))?.deployment;
    if (asked.length === 0 && !here && apps.all().length > 1) {
      return answer(allApps(await deployer.readable(command), apps, command));
    }
    const subject = readSubject(asked, apps, {
      verb: 'where',
      environment: 'bare',
      here,
      besides: printTyped(options),
    });
    const found = await deployer.where(subject, command);
    const lookAlone = notLookedAt(found)
      .filter(({ isListed }) => isListed)
      .map(({ environment }) => ({
        label: environment.name,
        line: printQuestion('where', { app: found.app, environment }, {}, apps),
      }));
    await answer({ words: inWords(found, apps, clock.now()), buttons: lookAlone.slice(0, mostButtons) });
  },
} satisfies CommandFile;

/** As many buttons as fit into a row. */
const mostButtons = 5;
/** Environments that no catalogue names may be as many as there are pull requests. */
const mostOthers = 5;
const mostUnderWay = 3;
const mostNamed = 6;
const mostApps = 20;

/** `where can i deploy hello to?`, as hubot-deploy understood it. */
function withoutSentence(words: readonly string[]): readonly string[] {
  const [can, i, deploy] = words.map((word) => word.toLowerCase().replace(/\?+$/, ''));
  if (can !== 'can' || i !== 'i' || deploy !== 'deploy') return words;
  const rest = words
    .slice(3)
    .map((word) => word.replace(/\?+$/, ''))
    .filter((word) => word !== '');
  return rest.at(-1)?.toLowerCase() === 'to' ? rest.slice(0, -1) : rest;
}

/** Those that may be read. */
function allApps(all: readonly App[], apps: Apps, { show }: Context['command']): Answer {
  const hidden = apps.all().length - all.length;
  const others =
    hidden === 0
      ? []
      : say`${hidden} ${hidden === 1 ? 'app is' : 'apps are'} not shown ${show ? 'in this room' : 'to you'}.`;
  const [first] = all;
  if (!first) return { words: others };
  const shownApps = all.slice(0, mostApps);
  const lines = shownApps.flatMap((app) => ['\n', ...appLine(app)]);
  const more = all.length - shownApps.length;
  return {
    words: [
      ...say`${all.length} ${all.length === 1 ? 'app' : 'apps'}; ask about one, as in ${code(`/deploy ${lineFor(first, apps)}`)}:`,
      ...lines,
      ...(more > 0 ? say`\nand ${more} more` : []),
      ...(hidden > 0 ? ['\n', ...others] : []),
    ],
    buttons: shownApps.slice(0, mostButtons).map((app) => ({ label: app.name, line: lineFor(app, apps) })),
  };
}

const lineFor = (app: App, apps: Apps): string => printQuestion('where', { app }, {}, apps);

const appLine = ({ name, repository, environments, defaultEnvironment }: App): Words => {
  const known =
    environments.length > 0 ? environments.map((each) => each.name) : [defaultEnvironment ?? 'any environment'];
  return say`• ${bold(name)} (${repository}): ${known.join(', ')}`;
};

function inWords(found: Whereabouts, apps: Apps, now: Date): Words {
  const { app, url, environments } = found;
  const named = environments.filter(({ isListed }) => isListed);
  const others = environments.filter((one) => !one.isListed && hasSomething(one));
  const all = [...named, ...others.slice(0, mostOthers)];
  const lines = all.map((one) => environmentLines(one, found, now));
  const [cut, ...alsoCut] = all.slice(fitting(lines));
  const hidden = others.length - mostOthers;
  return [
    ...say`${bold(app.name)}, ${url ? link(app.repository, url) : app.repository}`,
    ...(environments.length === 0
      ? say`\nNothing was ever deployed, and the catalogue names no environment.`
      : lines.slice(0, fitting(lines)).flat()),
    ...(cut ? notShown(app, [cut, ...alsoCut], apps) : []),
    ...(hidden > 0 ? say`\nand ${hidden} more environments that the catalogue does not name` : []),
    ...whyUntold(environments),
    ...notLookedFurther(found, apps),
    ...whatMayBeDone(found, apps),
  ];
}

/** What did not fit into one answer. */
function notShown(app: App, cut: readonly [InEnvironment, ...InEnvironment[]], apps: Apps): Words {
  const [{ environment }] = cut;
  const line = printQuestion('where', { app, environment }, {}, apps);
  const what = cut.length === 1 ? bold(environment.name) : `${cut.length} more environments`;
  return say`\nThere was no room for ${what}: ${code(`/deploy ${line}`)} shows one alone.`;
}

const hasSomething = ({ live, underWay, unseen, refusal }: InEnvironment): boolean =>
  live !== undefined || underWay.length > 0 || unseen !== undefined || refusal !== undefined;

function environmentLines(one: InEnvironment, { app, url }: Whereabouts, now: Date): Words {
  const { environment, isListed, live, withdrawn, underWay, newest } = one;
  const heading = say`${bold(environment.name)}${isListed ? '' : ' (not in the catalogue)'}`;
  const failed = newest?.course === 'failed' ? [newest] : [];
  return [
    ...(live
      ? say`\n${signFor(live)} ${heading}: ${whatIs(live, app, url)}, ${whenAndWho(live, now)}${trailOf(live)}`
      : say`\n⚪ ${heading}: ${isUnknown(one) ? 'what is live was not looked for' : 'nothing is live'}`),
    ...(withdrawn
      ? say`; ${whatIs(withdrawn, app, url)} was, until it was made inactive ${ago(withdrawn.since, now)}`
      : []),
    ...[...underWay.slice(0, mostUnderWay), ...failed].flatMap(
      (each) =>
        say`\n↳ ${signFor(each)} ${whatIs(each, app, url)}: ${stateOf(each)}, ${whenAndWho(each, now)}${trailOf(each)}`,
    ),
    ...(underWay.length > mostUnderWay ? say`\n↳ and ${underWay.length - mostUnderWay} more under way` : []),
    ...unlookedAt(one).flatMap(
      (each) => say`\n↳ ${signFor(each)} ${whatIs(each, app, url)}: not looked at, ${whenAndWho(each, now)}`,
    ),
  ];
}

/** What is live there may lie behind what nobody looked at. */
const isUnknown = ({ live, unseen, unlisted }: InEnvironment): boolean =>
  live === undefined && (unseen !== undefined || unlisted === true);

/** To spare GitHub, and not because it told no more. */
const notLookedAt = ({ environments }: Whereabouts): InEnvironment[] =>
  environments.filter((one) => isUnknown(one) && one.refusal === undefined);

function notLookedFurther(found: Whereabouts, apps: Apps): Words {
  const left = notLookedAt(found);
  const named = left.filter(({ isListed }) => isListed);
  const others = left.length - named.length;
  if (left.length === 0) return [];
  const unnamed = others + Math.max(0, named.length - mostNamed);
  const where = [
    ...named.slice(0, mostNamed).map(({ environment }) => bold(environment.name)),
    ...(unnamed > 0 ? [`${unnamed} others`] : []),
  ];
  const [first] = named;
  const alone = first && printQuestion('where', { app: found.app, environment: first.environment }, {}, apps);
  return [
    ...say`\nTo spare GitHub I did not look further for ${list(where, 'and')}.`,
    ...(alone ? say` ${code(`/deploy ${alone}`)} looks there alone.` : []),
  ];
}

/** Where the person may deploy from here, and where not and why. */
function whatMayBeDone({ app, environments }: Whereabouts, apps: Apps): Words {
  const named = environments.filter(({ isListed }) => isListed);
  const open = named.filter(({ closed }) => closed === undefined);
  const closed = named.find((one) => one.closed !== undefined)?.closed;
  const [environment] = open.map((one) => one.environment);
  const line = printDeploy({ app, ...(environment && { environment }), hosts: [], force: false, dryRun: false }, apps);
  const example = code(`/deploy ${line}`);
  const places = open.length > mostNamed ? say`${open.length} of them` : names(open);
  if (closed === undefined) {
    const everywhere = open.length > mostNamed ? say`all of them` : places;
    return open.length === 0 ? [] : say`\nYou may deploy to ${everywhere} from here: ${example}.`;
  }
  const where = closed.length === 0 ? say`no room: ${code('allowed_rooms')} is empty` : closed;
  if (open.length === 0) return say`\nYou can’t deploy ${code(app.name)} from here, only from ${where}.`;
  return say`\nYou may deploy to ${places} from here: ${example}. To the others only from ${where}.`;
}
