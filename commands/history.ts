import {
  ago,
  bold,
  type CommandFile,
  code,
  environmentOf,
  fittingPage,
  type History,
  type HistoryEntry,
  type HistoryQuestion,
  type Page,
  pageOptions,
  printPage,
  printQuestion,
  printTyped,
  Refusal,
  readPage,
  readSubject,
  readText,
  say,
  shown,
  showOption,
  signFor,
  stateOf,
  trailOf,
  usualOnPage,
  type Words,
  whatIs,
} from '../src/commands.ts';

/** What was deployed, newest first. */
export default {
  name: 'history',
  aliases: ['deploys'],
  summary: 'Lists what was deployed, newest first: by whom, and how it went.',
  usage: ['history app[/ref] [in environment] [options]'],
  examples: [
    { line: 'history hello', means: `the last ${usualOnPage} deployments of hello, whoever made them` },
    { line: 'history hello/main in staging', means: 'those of a branch to an environment' },
    { line: 'history hello --by ann --limit 5', means: 'the last 5 that ann asked for' },
  ],
  options: {
    task: { type: 'string', summary: 'of this task alone, as deploy:migrations' },
    sha: { type: 'string', summary: 'of this commit alone; its first 7 digits will do' },
    by: { type: 'string', summary: 'of one person alone, by the name here or on GitHub; me is you' },
    ...pageOptions,
    show: showOption,
  },
  isQuestion: true,
  async run({ words, options }, { apps, answer, clock, command, deployer }) {
    const here = await deployer.inThread(command.place);
    const subject = readSubject(words, apps, {
      verb: 'history',
      ref: true,
      environment: 'bare',
      here: here?.deployment,
      besides: printTyped(options),
    });
    const filters = readFilters(options);
    const page = readPage(options);
    const question = { ...subject, ...filters, ...page };
    const found = await deployer.history(question, command);

    const lines = found.entries.map((entry): Words => ['\n', ...lineOf(entry, question, found.home, clock.now())]);
    const { shown: shownLines, after } = fittingPage(page, lines);
    const turnTo = (label: string, to: Page) => {
      const line = printQuestion('history', subject, { ...filters, ...printPage(to) }, apps);
      return { label, line };
    };
    const before = found.entries.length === 0 ? 1 : page.page - 1;
    const isCut = shownLines.length < lines.length;
    const buttons = [
      ...(page.page > 1 ? [turnTo('Newer', { ...page, page: before })] : []),
      ...(found.more || isCut ? [turnTo('Older', after)] : []),
    ];
    await answer({ words: inWords(question, found, shownLines), buttons });
  },
} satisfies CommandFile;

type Filters = Pick<HistoryQuestion, 'task' | 'sha' | 'by'>;

function readFilters(options: Readonly<Record<string, unknown>>): Filters {
  const task = readText(options, 'task');
  const sha = readText(options, 'sha')?.toLowerCase();
  const by = readText(options, 'by')?.replace(/^@/, '');
  if (sha !== undefined && !/^[0-9a-f]{4,64}$/.test(sha)) {
    throw new Refusal(
      'bad-sha',
      say`${shown(sha)} can’t be a commit: ${code('--sha')} takes the digits of a SHA, as in ${code('--sha 1a2b3c4')}. A branch or a tag goes behind the app: ${code('/deploy history hello/main')}.`,
    );
  }
  return {
    ...(task !== undefined && { task }),
    ...(sha !== undefined && { sha }),
    ...(by !== undefined && { by }),
  };
}

function inWords(question: HistoryQuestion, found: History, lines: readonly Words[]): Words {
  const { entries, lookedThrough } = found;
  const heading = say`${bold(question.app.name)}${limitsOf({ ...question, by: found.by })}`;
  const end = lookedThrough === undefined ? [] : say`\nI looked at the newest ${lookedThrough} alone.`;
  if (entries.length === 0) {
    const none = question.page > 1 ? say`: there is no page ${question.page}.` : say`: no such deployment.`;
    return [...heading, ...none, ...end];
  }
  const left = entries.length - lines.length;
  const short = left === 0 ? [] : say`\nThe other ${left} of this page did not fit; they are the next page.`;
  return [...heading, ...(question.page > 1 ? say`, page ${question.page}` : []), ...lines.flat(), ...short, ...end];
}

/** What the list is limited to, behind the app's name. */
function limitsOf({ ref, environment, task, sha, by }: Omit<HistoryQuestion, 'by'> & Pick<History, 'by'>): Words {
  return [
    ...(ref === undefined ? [] : say` ${shown(ref)}`),
    ...(environment ? say` in ${bold(environment.name)}` : []),
    ...(task === undefined ? [] : say`, task ${shown(task)}`),
    ...(sha === undefined ? [] : say`, commit ${code(sha.slice(0, 12))}`),
    ...(by === undefined ? [] : say`, by ${shown(by)}`),
  ];
}

function lineOf(entry: HistoryEntry, { app }: HistoryQuestion, home: string | undefined, now: Date): Words {
  const state = entry.course === undefined ? ['• '] : say`${signFor(entry)} ${stateOf(entry)}: `;
  return [
    ...state,
    ...whatIs(entry, app, home),
    ...say` to ${environmentOf(app, entry.environment)}, ${ago(entry.createdAt, now)} by ${entry.by}`,
    ...trailOf(entry),
  ];
}
