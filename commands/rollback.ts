import { againOptions, type CommandFile, readRollback } from '../src/commands.ts';

/** Back to what was good. What the words mean is in deploy/read-rollback.ts, what is gone back to in deploy/rollback.ts. */
export default {
  name: 'rollback',
  summary: 'Deploys again what was live before, the very same commit.',
  usage: ['rollback app [in environment] [to #id | commit | number] [options]', 'rollback [to #id | commit | number]'],
  examples: [
    {
      line: 'rollback hello in production',
      means: 'the last good deployment before the newest; where that one failed, what is live once more',
    },
    { line: 'rollback hello in staging to 2', means: 'two good deployments back' },
    { line: 'rollback hello in production to #1234567890', means: 'the deployment with that id on GitHub' },
    { line: 'rollback hello in production --dry-run', means: 'what would be deployed' },
    { line: 'rollback', means: 'in a deployment’s thread: its app, where it went' },
  ],
  options: againOptions,
  async run({ words, options }, { answer, apps, command, deployer }) {
    const here = await deployer.inThread(command.place);
    const request = readRollback(words, options, apps, here?.deployment);
    const preview = await deployer.rollBack(request, command);
    if (preview) await answer(preview);
  },
} satisfies CommandFile;
