import { type CommandFile, code, Refusal, say } from '../src/commands.ts';

/** Ends the wait for the checks of a merged head. */
export default {
  name: 'cancel',
  summary: 'Calls off a deployment that still waits for its checks.',
  usage: ['cancel [request]'],
  examples: [{ line: 'cancel', means: 'in a deployment’s thread: that deployment' }],
  async run({ words }, { command, deployer, answer }) {
    const [request, extra] = words;
    if (extra !== undefined) {
      throw new Refusal(
        'extra-words',
        say`${code(extra)} is one word too many: ${code('/deploy cancel')} takes one request.`,
      );
    }
    const here = request === undefined ? await deployer.inThread(command.place) : undefined;
    const wanted = request?.toUpperCase() ?? here?.deployment.request;
    if (wanted === undefined) {
      throw new Refusal(
        'which-deployment',
        say`Say which one: press Call off in the deployment’s thread, or mention me there with ${code('cancel')}.`,
      );
    }
    await answer(await deployer.callOff(wanted, command));
  },
} satisfies CommandFile;
