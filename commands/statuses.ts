import {
  bold,
  type CommandFile,
  jsonInWords,
  link,
  newestFitting,
  type OnGitHub,
  printTyped,
  readOnlyWhich,
  type Status,
  say,
  shown,
  showOption,
  signOf,
  type Words,
} from '../src/commands.ts';

/** So many are read by people; GitHub takes any number. */
const mostShown = 20;

/** All statuses of one deployment as GitHub has them, for people who debug deployers. */
export default {
  name: 'statuses',
  summary: 'Lists what a deployer reported of one deployment, as GitHub has it.',
  usage: ['statuses [app] <deployment id> [--json]'],
  examples: [
    { line: 'statuses 1234567890', means: 'those of the deployment with that id' },
    { line: 'statuses hello 1234567890 --json', means: 'GitHub’s own objects, looked for in one app alone' },
    { line: 'statuses', means: 'in a deployment’s thread: those of that deployment' },
  ],
  options: {
    json: { type: 'boolean', summary: 'GitHub’s own objects' },
    show: showOption,
  },
  isQuestion: true,
  async run({ words, options }, { apps, answer, command, deployer }) {
    const which = readOnlyWhich(words, apps, { verb: 'statuses', options: printTyped(options) });
    if (options.json) return answer(jsonInWords(await deployer.raw(which, command, { statuses: true })));
    const { remote, repository, statuses } = await deployer.statusesOf(which, command);
    await answer([...heading(remote, repository.fullName, statuses.length), ...newest(statuses)]);
  },
} satisfies CommandFile;

const heading = ({ id }: OnGitHub['remote'], repository: string, count: number): Words =>
  count === 0
    ? say`${bold(`Deployment ${id}`)} of ${repository} has no status: no deployer has answered.`
    : say`${bold(`Deployment ${id}`)} of ${repository}, oldest first`;

function newest(statuses: readonly Status[]): Words {
  const lines = statuses.map((status): Words => ['\n', ...lineOf(status)]);
  const kept = newestFitting(lines, mostShown);
  const left = lines.length - kept.length;
  return [...(left > 0 ? say`\n${left} older ones are left out.` : []), ...kept.flat()];
}

function lineOf({ id, state, description, environment, creator, createdAt, logUrl, environmentUrl }: Status): Words {
  const links = [
    ...(logUrl ? [link('log', logUrl)] : []),
    ...(environmentUrl ? [link('environment', environmentUrl)] : []),
  ].flatMap((one): Words => [' · ', one]);
  return [
    ...say`${signOf(state)} ${bold(state)} ${createdAt} ${creator}, #${id}`,
    ...(environment === undefined ? [] : say` in ${shown(environment)}`),
    ...(description === '' ? [] : say`: ${description}`),
    ...links,
  ];
}
