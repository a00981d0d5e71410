import { type CommandFile, readDestroy, readId } from '../src/commands.ts';

/** Ends what is live in an environment that goes away again. */
export default {
  name: 'destroy',
  summary: 'Makes what is live in a transient environment inactive.',
  usage: ['destroy app in environment [--before id]', 'destroy'],
  examples: [
    { line: 'destroy hello in review', means: 'review is not there any more' },
    { line: 'destroy', means: 'in a deployment’s thread: where that went' },
  ],
  options: {
    before: { type: 'string', summary: 'only what was created before the deployment with this id on GitHub' },
  },
  async run({ words, options }, { answer, apps, command, deployer }) {
    const here = await deployer.inThread(command.place);
    const before = readId(options, 'before');
    const subject = readDestroy(words, options, apps, here?.deployment);
    await answer(await deployer.destroy({ ...subject, ...(before !== undefined && { before }) }, command));
  },
} satisfies CommandFile;
