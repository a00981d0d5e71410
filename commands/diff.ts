import {
  ago,
  bold,
  type Change,
  type CommandFile,
  code,
  commitLink,
  type Difference,
  type DiffQuestion,
  type Environment,
  link,
  list,
  printDeploy,
  printQuestion,
  printTyped,
  readCount,
  readSubject,
  type Side,
  say,
  shown,
  showOption,
  trailOf,
  type Words,
  whatIs,
  whereTo,
} from '../src/commands.ts';

const most = 50;
const usual = 5;
/** More names than these help nobody. */
const mostAuthors = 5;

/** What a deployment would change. */
export default {
  name: 'diff',
  summary: 'Shows the commits and pull requests that a deploy would bring, and those it would take away.',
  usage: ['diff app[/ref] [in environment] [--limit N]', 'diff app#pull-request [in environment] [--limit N]'],
  examples: [
    { line: 'diff hello', means: 'the default branch against what is live in the default environment' },
    { line: 'diff hello/topic-branch in production', means: 'a branch against what is live in production' },
  ],
  options: {
    limit: { type: 'string', alias: 'n', summary: `how many commits each way: ${usual} unless given, ${most} at most` },
    show: showOption,
  },
  isQuestion: true,
  async run({ words, options }, { apps, answer, clock, command, deployer }) {
    const here = (await deployer.inThread(command.place))?.deployment;
    const subject = readSubject(words, apps, {
      verb: 'diff',
      ref: true,
      pullRequest: true,
      environment: 'bare',
      here,
      besides: printTyped(options),
    });
    const limit = readCount(options, 'limit', { most, otherwise: usual });
    const line = (one: Environment) => printQuestion('diff', { ...subject, environment: one }, options, apps);
    const environment = whereTo(subject, { here, apps }, line);
    const question = { ...subject, environment };
    const difference = await deployer.diff(question, command);
    const changes = !difference.live || difference.brings.count + difference.takesAway.count > 0;
    const deploy = printDeploy({ ...question, hosts: [], force: false, dryRun: false }, apps);
    await answer({
      words: inWords(question, difference, limit, clock.now()),
      buttons: changes ? [{ label: 'Deploy', line: deploy, danger: true }] : [],
    });
  },
} satisfies CommandFile;

function inWords(
  { app, environment, pullRequest }: DiffQuestion,
  difference: Difference,
  limit: number,
  now: Date,
): Words {
  const { live, brings, takesAway, url, home } = difference;
  const ref = pullRequest === undefined ? difference.ref : `#${pullRequest}`;
  const what = code(`${app.name}${pullRequest === undefined ? '/' : ''}${ref}`);
  const where = bold(environment.name);
  if (!live) return say`Nothing is live in ${where}, so ${what} would bring everything.`;
  const is = say`${whatIs(live, app, home)}, deployed ${ago(live.createdAt, now)} by ${live.by}${trailOf(live)}`;
  if (brings.count + takesAway.count === 0) {
    return say`${what} is what is live in ${where}: ${is}. A deploy would change nothing.`;
  }
  return [
    ...say`${what} to ${where}, where this is live: ${is}`,
    ...(takesAway.count > 0 ? warning(ref, brings.count > 0) : []),
    ...sideInWords('bring', brings, limit, home),
    ...sideInWords('take away', takesAway, limit, home),
    ...(app.autoMerge
      ? say`\nGitHub merges the default branch in first (auto_merge), and what that brings comes too.`
      : []),
    ...(url ? ['\n', link('Compare on GitHub', url)] : []),
  ];
}

const warning = (ref: string, isDiverged: boolean): Words =>
  isDiverged
    ? say`\n⚠️ ${bold('They have diverged:')} ${shown(ref)} lacks commits that are live.`
    : say`\n⚠️ ${bold('It is behind')} what is live, so a deploy goes back.`;

function sideInWords(verb: string, { count, commits }: Side, limit: number, home: string | undefined): Words {
  if (count === 0) return [];
  const authors = [...new Set(commits.map(({ author }) => author))];
  const others = authors.length - mostAuthors;
  const names = authors.slice(0, mostAuthors).map((author): Words => [author]);
  const by = list([...names, ...(others > 0 ? [say`${others} more`] : [])], 'and');
  const left = count - Math.min(limit, commits.length);
  return [
    ...say`\nIt would ${bold(verb)} ${count} ${count === 1 ? 'commit' : 'commits'}${by.length === 0 ? [] : say` by ${by}`}:`,
    ...commits.slice(0, limit).flatMap((change): Words => ['\n• ', ...changeInWords(change, home)]),
    ...(left > 0 ? say`\n… and ${left} more` : []),
  ];
}

/** A pull request says more than the commit that merged it. */
function changeInWords({ sha, title, author, pullRequest }: Change, home: string | undefined): Words {
  if (!pullRequest) return say`${commitLink(sha, home)} ${title} (${author})`;
  const { number, url } = pullRequest;
  const sign = url ? link(`#${number}`, url) : `#${number}`;
  return say`${sign} ${pullRequest.title || title} (${pullRequest.author ?? author})`;
}
