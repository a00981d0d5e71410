import { type CommandFile, printTyped, readOnlyWhich } from '../src/commands.ts';

/** GitHub's record of a deployment, not what is deployed. */
export default {
  name: 'delete',
  summary: 'Deletes a deployment from GitHub’s records; what is deployed stays.',
  usage: ['delete [app] [id] [--inactive] [--yes]'],
  examples: [
    { line: 'delete 1234567890', means: 'asks first; GitHub deletes only what is inactive' },
    { line: 'delete 1234567890 --inactive', means: 'makes it inactive first' },
    { line: 'delete', means: 'in a deployment’s thread: that deployment' },
  ],
  options: {
    inactive: { type: 'boolean', summary: 'make it inactive first' },
    yes: { type: 'boolean', summary: 'do not ask first' },
  },
  async run({ words, options }, { answer, apps, command, deployer }) {
    const { rest: _, ...which } = readOnlyWhich(words, apps, { verb: 'delete', options: printTyped(options) });
    const deletion = { inactive: options.inactive === true, sure: options.yes === true };
    await answer(await deployer.delete(which, deletion, command));
  },
} satisfies CommandFile;
