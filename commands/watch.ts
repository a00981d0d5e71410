import { type CommandFile, code, printWatch, readSubject, say, whatIsTold } from '../src/commands.ts';

/** The room hears of deployments that nobody asked for in it. */
export default {
  name: 'watch',
  summary: 'Tells an app’s deployments in this room, wherever they were started.',
  usage: ['watch <app> [environment]'],
  examples: [
    { line: 'watch hello', means: 'this room is told of every deployment of hello' },
    { line: 'watch hello production', means: 'of those to production alone' },
  ],
  async run({ words }, { answer, apps, command, deployer }) {
    const thread = await deployer.inThread(command.place);
    const subject = readSubject(words, apps, { verb: 'watch', environment: 'bare', here: thread?.deployment });
    const { watch, isNew } = await deployer.watch(subject, command);
    const what = whatIsTold(watch.app, watch.environment);
    const ends = say`${code(`/deploy unwatch ${printWatch(watch, apps)}`)} ends that.`;
    if (!isNew) return answer(say`This room watches ${what} already. ${ends}`);
    await answer({
      words: say`From now on this room is told of every deployment of ${what}, wherever it was started. ${ends}`,
      forAll: 'wanted',
    });
  },
} satisfies CommandFile;
