import { type CommandFile, printTyped, readOnlyWhich } from '../src/commands.ts';

/** Ends a deployment that is under way, or its wait for the checks of a merged head. */
export default {
  name: 'cancel',
  summary: 'Cancels a deployment that is under way, and the workflow run behind it.',
  usage: ['cancel [app] [id]'],
  examples: [
    { line: 'cancel 1234567890', means: 'the deployment with that id on GitHub' },
    { line: 'cancel', means: 'in a deployment’s thread: that deployment' },
  ],
  async run({ words, options }, { answer, apps, command, deployer }) {
    const { rest: _, ...which } = readOnlyWhich(words, apps, { verb: 'cancel', options: printTyped(options) });
    await answer(await deployer.cancel(which, command));
  },
} satisfies CommandFile;
