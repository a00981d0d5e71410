import { type CommandFile, code, Refusal, say, showOption, toldHereInWords } from '../src/commands.ts';

/** What a room hears of without having asked for it. */
export default {
  name: 'watches',
  summary: 'Lists whose deployments are told in this room, wherever they were started.',
  usage: ['watches [--show]'],
  examples: [{ line: 'watches', means: 'what this room watches, and what the catalogue announces here' }],
  options: { show: showOption },
  isQuestion: true,
  async run({ words: [extra] }, { answer, clock, command, deployer }) {
    if (extra !== undefined) {
      throw new Refusal('extra-words', say`${code(extra)} is one word too many. Try ${code('/deploy watches')}.`);
    }
    const lines = toldHereInWords(await deployer.toldIn(command), clock.now());
    if (lines.length === 0) {
      return answer(
        say`Only what is asked for here is told here. ${code('/deploy watch')} with an app adds all of its deployments.`,
      );
    }
    await answer(['Told here, wherever it is started:', ...lines.flatMap((line) => ['\n', ...line])]);
  },
} satisfies CommandFile;
