import { againOptions, type CommandFile, readPromote } from '../src/commands.ts';

/** The very same commit, on to the next environment. What the words mean is in deploy/read-promote.ts. */
export default {
  name: 'promote',
  summary: 'Deploys to one environment exactly what is live in another.',
  usage: ['promote app from environment [to environment[/hosts]] [options]', 'promote to environment [options]'],
  examples: [
    { line: 'promote hello from staging to production', means: 'what is live in staging, whatever its branch is now' },
    { line: 'promote hello from staging to production --dry-run', means: 'what would be deployed' },
    { line: 'promote to production', means: 'in a deployment’s thread: what is live where that went' },
  ],
  options: againOptions,
  async run({ words, options }, { answer, apps, command, deployer }) {
    const here = await deployer.inThread(command.place);
    const request = readPromote(words, options, apps, here?.deployment);
    const preview = await deployer.promote(request, command);
    if (preview) await answer(preview);
  },
} satisfies CommandFile;
