import {
  bold,
  type CommandFile,
  code,
  fittingPage,
  type GitHubDeployment,
  jsonInWords,
  type ListQuestion,
  pageOptions,
  printPage,
  printQuestion,
  printTyped,
  Refusal,
  readPage,
  readSubject,
  readText,
  type Subject,
  say,
  shown,
  showOption,
  usualOnPage,
  type Words,
} from '../src/commands.ts';

/** GitHub's list of deployments as it is, for people who debug deployers. */
export default {
  name: 'list',
  summary: 'Lists an app’s deployments as GitHub has them, for whoever debugs a deployer.',
  usage: ['list app[/ref] [in environment] [options]'],
  examples: [
    { line: 'list hello', means: `the newest ${usualOnPage}, with every id` },
    { line: 'list hello --environment staging --json', means: 'GitHub’s own objects, payloads included' },
  ],
  options: {
    environment: { type: 'string', summary: 'GitHub’s name of it, in the catalogue or not' },
    sha: { type: 'string', summary: 'the whole SHA' },
    task: { type: 'string', summary: 'the task' },
    ...pageOptions,
    json: { type: 'boolean', summary: 'GitHub’s own objects' },
    show: showOption,
  },
  isQuestion: true,
  async run({ words, options }, { apps, answer, command, deployer }) {
    const here = await deployer.inThread(command.place);
    const subject = readSubject(words, apps, {
      verb: 'list',
      ref: true,
      environment: 'bare',
      here: here?.deployment,
      besides: printTyped(options),
    });
    const page = readPage(options);
    const question = { app: subject.app, filter: readFilter(subject, options), ...page };
    if (options.json) return answer(jsonInWords(await deployer.rawList(question, command)));
    const found = await deployer.list(question, command);
    const lines = found.deployments.map((one): Words => ['\n', ...lineOf(one)]);
    const { shown: shownLines, after } = fittingPage(page, lines);
    const left = lines.length - shownLines.length;
    const turned = { ...options, show: undefined, ...printPage(after) };
    const buttons =
      found.more || left > 0 ? [{ label: 'Older', line: printQuestion('list', subject, turned, apps) }] : [];
    const short = left === 0 ? [] : say`\nThe other ${left} of this page did not fit; they are the next page.`;
    await answer({ words: [...inWords(question, shownLines), ...short], buttons });
  },
} satisfies CommandFile;

function readFilter({ ref, environment }: Subject, options: Readonly<Record<string, unknown>>): ListQuestion['filter'] {
  const onGitHub = readText(options, 'environment');
  const [sha, task] = [readText(options, 'sha'), readText(options, 'task')];
  if (environment && onGitHub !== undefined) {
    throw new Refusal(
      'two-environments',
      say`Two environments were named, ${shown(environment.name)} and ${shown(onGitHub)}. Keep one: leave out ${code('--environment')}, or what follows ${code('in')}.`,
    );
  }
  if (sha !== undefined && !/^[0-9a-f]{40,64}$/i.test(sha)) {
    throw new Refusal(
      'bad-sha',
      say`GitHub filters by a whole SHA of 40 digits, and ${shown(sha)} is none. ${code('/deploy history')} takes the beginning of one.`,
    );
  }
  const named = environment?.githubEnvironment ?? onGitHub;
  return {
    ...(ref !== undefined && { ref }),
    ...(named !== undefined && { environment: named }),
    ...(sha !== undefined && { sha: sha.toLowerCase() }),
    ...(task !== undefined && { task }),
  };
}

function inWords({ app, page }: ListQuestion, lines: readonly Words[]): Words {
  const heading = say`${bold(app.repository)} on GitHub, newest first${page > 1 ? `, page ${page}` : ''}`;
  return lines.length === 0 ? [...heading, ...say`: no such deployment.`] : [...heading, ...lines.flat()];
}

function lineOf({ id, ref, sha, task, environment, creator, app, createdAt }: GitHubDeployment): Words {
  return say`${code(String(id))} ${shown(ref)} ${code(sha.slice(0, 7))} ${shown(environment)} ${shown(task)} ${creator}${app === undefined ? '' : ` by the App ${app}`}, ${createdAt}`;
}
