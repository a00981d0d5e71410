import { againOptions, type CommandFile, printOptions, readExtras, readOnlyWhich } from '../src/commands.ts';

/** The same once more: its commit, task, hosts and payload, to where it went. */
export default {
  name: 'redeploy',
  summary: 'Deploys an earlier deployment’s commit again, as it was deployed then.',
  usage: ['redeploy [app] <id> [options]', 'redeploy [options]'],
  examples: [
    { line: 'redeploy 1234567890', means: 'the deployment with that id on GitHub' },
    { line: 'redeploy hello 1234567890', means: 'the same, looked for in one app alone' },
    { line: 'redeploy', means: 'in a deployment’s thread: that deployment' },
  ],
  options: againOptions,
  async run(args, { answer, apps, command, deployer }) {
    const { words, extras } = readExtras(args.words, args.options);
    const { id, app } = readOnlyWhich(words, apps, { verb: 'redeploy', options: printOptions(extras) });
    const preview = await deployer.redeploy({ ...(id !== undefined && { id }), ...(app && { app }), extras }, command);
    if (preview) await answer(preview);
  },
} satisfies CommandFile;
