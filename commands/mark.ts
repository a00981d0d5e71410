import {
  type CommandFile,
  code,
  markInOrder,
  markOptions,
  printTyped,
  printWhich,
  Refusal,
  readMark,
  readWhich,
  say,
} from '../src/commands.ts';

/** A deployment status by hand: for a deployer that died, and for people who write one. */
export default {
  name: 'mark',
  summary: 'Sets a deployment’s status by hand.',
  usage: ['mark [app] <id> <state> [options]', 'mark <state> [options]'],
  examples: [
    { line: 'mark 1234567890 success', means: 'it went well, though nobody said so' },
    { line: 'mark hello 1234567890 failure --description "disk full"', means: 'and why' },
    { line: 'mark inactive', means: 'in a deployment’s thread: that deployment is no longer live' },
  ],
  options: markOptions,
  async run({ words, options }, { answer, apps, command, deployer }) {
    const besides = printTyped(options);
    const { rest, ...which } = readWhich(markInOrder(words, apps), apps, { verb: 'mark', options: besides });
    if (which.id === undefined && command.place.thread === undefined) {
      throw new Refusal(
        'which-deployment',
        say`Say which deployment, and which state it is in: ${code('/deploy mark 1234567890 success')}. In a deployment’s own thread the id can be left out.`,
      );
    }
    const [state, extra] = rest;
    const named = printWhich(which, apps);
    const mark = readMark(state, options, named);
    if (extra !== undefined) {
      const line = ['mark', ...named, mark.state, ...besides].join(' ');
      throw new Refusal(
        'extra-words',
        say`${code(extra)} is one word too many. Try ${code(`/deploy ${line}`)}; what is to be said goes into ${code('--description "…"')}.`,
        [{ label: line, line }],
      );
    }
    await answer(await deployer.mark(which, mark, command));
  },
} satisfies CommandFile;
