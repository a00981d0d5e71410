import { type CommandFile, code, Refusal, say } from '../src/commands.ts';

/** Whether the bot is there, and how long a line takes to reach it. */
export default {
  name: 'ping',
  summary: 'Answers, and says how long that took.',
  usage: ['ping'],
  examples: [{ line: 'ping', means: 'is the bot there?' }],
  async run({ words: [extra] }, { answer, clock, command: { at, sentAt } }) {
    if (extra !== undefined) {
      throw new Refusal('extra-words', say`${code(extra)} is one word too many. Try ${code('/deploy ping')}.`);
    }
    const now = clock.now().getTime();
    // Two machines' clocks are compared here, which may differ.
    const since = (iso: string) => Math.max(0, now - Date.parse(iso));
    // Slack says of messages when they were sent, and of slash commands nothing.
    await answer(
      sentAt === undefined
        ? say`Pong, ${since(at)} ms after it reached me.`
        : say`Pong, ${since(sentAt)} ms after you sent it and ${since(at)} ms after it reached me.`,
    );
  },
} satisfies CommandFile;
