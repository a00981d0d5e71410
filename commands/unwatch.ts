import {
  type Apps,
  type CommandFile,
  code,
  list,
  printWatch,
  Refusal,
  readSubject,
  say,
  type ToldHere,
  toldHereInWords,
  type Watch,
  whatIsTold,
} from '../src/commands.ts';

/** The room hears no more of deployments that nobody asked for in it. */
export default {
  name: 'unwatch',
  summary: 'Ends what was begun with watch.',
  usage: ['unwatch <app> [environment]'],
  examples: [
    { line: 'unwatch hello', means: 'this room is told no more of hello, whatever of it was watched' },
    { line: 'unwatch hello production', means: 'no more of production alone' },
  ],
  async run({ words }, { answer, apps, clock, command, deployer }) {
    const ended = await deployer.unwatch(readWatch(words, apps, await deployer.toldIn(command)), command);
    const left = toldHereInWords(await deployer.toldIn(command), clock.now());
    const what = list(
      ended.map(({ app, environment }) => whatIsTold(app, environment)),
      'and',
    );
    const rest =
      left.length === 0
        ? say` Nothing else is told here unasked.`
        : [' Still told here:', ...left.flatMap((line) => ['\n', ...line])];
    await answer({ words: [...say`This room watches ${what} no more.`, ...rest], forAll: 'wanted' });
  },
} satisfies CommandFile;

/** The only thing that a room watches need not be named; an app may be gone from the catalogue, and be watched still. */
function readWatch(words: readonly string[], apps: Apps, { watches }: ToldHere): Pick<Watch, 'app' | 'environment'> {
  const [first, second] = watches;
  const [name, ...more] = words;
  if (name === undefined) {
    if (first && !second) return first;
    throw which(watches, apps);
  }
  const gone = watches.find(({ app }) => app.toLowerCase() === name.toLowerCase() && !apps.find(app));
  if (gone && more.length === 0) return { app: gone.app };
  const { app, environment } = readSubject(words, apps, { verb: 'unwatch', environment: 'bare' });
  return { app: app.name, ...(environment && { environment: environment.name }) };
}

function which(watches: readonly Watch[], apps: Apps): Refusal {
  if (watches.length === 0) {
    return new Refusal(
      'not-watched',
      say`This room watches nothing. ${code('/deploy watches')} shows what it is told.`,
    );
  }
  const lines = watches.map((watch) => `unwatch ${printWatch(watch, apps)}`);
  return new Refusal(
    'which-watch',
    say`Say what this room is to watch no more: ${list(lines.slice(0, 5).map((line) => code(`/deploy ${line}`)))}.`,
    lines.slice(0, 5).map((line) => ({ label: line, line })),
  );
}
