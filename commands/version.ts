import { ago, bold, type CommandFile, code, Refusal, say } from '../src/commands.ts';

/** What runs here: the first thing that somebody asks who is to help. */
export default {
  name: 'version',
  summary: 'Says which version runs here, on what, and since when.',
  usage: ['version'],
  examples: [{ line: 'version', means: 'what runs here' }],
  async run({ words: [extra] }, { about, answer, clock }) {
    if (extra !== undefined) {
      throw new Refusal('extra-words', say`${code(extra)} is one word too many. Try ${code('/deploy version')}.`);
    }
    const { version, node, since, store, slack, github } = about;
    await answer(
      say`${bold(`Deckhand ${version}`)} on Node ${node}, up since ${since.slice(0, 16).replace('T', ' ')} UTC (${ago(since, clock.now())})\nStore: ${store} · Slack: ${slack} · GitHub: ${github}`,
    );
  },
} satisfies CommandFile;
