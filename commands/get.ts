import {
  bold,
  type CommandFile,
  code,
  commitLink,
  jsonInWords,
  type OnGitHub,
  printTyped,
  printWhich,
  readOnlyWhich,
  say,
  shown,
  showOption,
  type Words,
} from '../src/commands.ts';

/** One deployment as GitHub has it, for people who debug deployers. */
export default {
  name: 'get',
  summary: 'Shows one deployment as GitHub has it, for whoever debugs a deployer.',
  usage: ['get [app] <deployment id> [--json]'],
  examples: [
    { line: 'get 1234567890', means: 'the deployment with that id' },
    { line: 'get hello 1234567890 --json', means: 'GitHub’s own object with its payload, looked for in one app alone' },
    { line: 'get', means: 'in a deployment’s thread: that deployment' },
  ],
  options: {
    json: { type: 'boolean', summary: 'GitHub’s own object, payload included' },
    show: showOption,
  },
  isQuestion: true,
  async run({ words, options }, { apps, answer, command, deployer }) {
    const which = readOnlyWhich(words, apps, { verb: 'get', options: printTyped(options) });
    if (options.json) return answer(jsonInWords(await deployer.raw(which, command, { statuses: false })));
    const found = await deployer.found(which, command);
    const named = printWhich({ app: found.app, id: String(found.remote.id) }, apps).join(' ');
    const buttons = [
      { label: 'Statuses', line: `statuses ${named}` },
      { label: 'JSON', line: `get ${named} --json` },
    ];
    await answer({ words: inWords(found), buttons });
  },
} satisfies CommandFile;

function inWords({ remote, repository, home }: OnGitHub): Words {
  const { id, ref, sha, task, description, createdAt, updatedAt } = remote;
  return [
    ...say`${bold(`Deployment ${id}`)} of ${repository.fullName}`,
    ...say`\n• ref ${shown(ref)}, commit ${commitLink(sha, home)}, task ${shown(task)}`,
    ...say`\n• environment ${environment(remote)}`,
    ...say`\n• created ${createdAt} by ${creator(remote)}`,
    ...(updatedAt === undefined || updatedAt === createdAt ? [] : say`\n• changed ${updatedAt}`),
    ...(description === '' ? [] : say`\n• “${description}”`),
  ];
}

function environment({ environment: now, originalEnvironment: once, ...is }: OnGitHub['remote']): Words {
  const kinds = [is.transient ? 'transient' : '', is.production ? 'production' : ''].filter((kind) => kind !== '');
  return [
    shown(now),
    ...(once === now ? [] : say`, created for ${shown(once)}`),
    ...(kinds.length === 0 ? [] : say` (${kinds.join(', ')})`),
  ];
}

/** Anybody with push access chooses what the payload says of who asked. */
function creator({ creator: account, app, user }: OnGitHub['remote']): Words {
  return [
    account,
    ...(app === undefined ? [] : say` through the App ${code(app)}`),
    ...(user === undefined || user === account ? [] : say`; its payload says that ${shown(user)} asked`),
  ];
}
