import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BotProcess, startBot } from './bot-process.ts';
import { executeLine } from './front/exec.ts';
import { readCommandLine, type SandboxCommandLine, usage } from './front/options.ts';
import { createPaint, type Paint } from './front/paint.ts';
import { createPrompt, type Prompt, promptHelp } from './front/prompt.ts';
import { createTranscript, type Transcript } from './front.ts';
import { type SandboxPage, startPage } from './page/page.ts';
import { namesOf } from './places.ts';
import { startWorld, type World } from './world.ts';

interface Running {
  world: World;
  bot: BotProcess;
  page: SandboxPage | undefined;
  transcript: Transcript;
  commandLine: SandboxCommandLine;
  paint: Paint;
  prompt: Prompt | undefined;
  print: (line: string) => void;
  signal: AbortSignal;
}

/** Runs the sandbox as the command line asks; returns the exit code. Everything that it started is gone by then. */
async function run(commandLine: SandboxCommandLine, interrupted: AbortSignal): Promise<number> {
  const began = performance.now();
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const paint = createPaint(process.stdout.isTTY === true && !process.env.NO_COLOR);
  const prompt = isTerminal && commandLine.lines.length === 0 ? createPrompt(process.stdout) : undefined;
  const print = prompt?.print ?? ((line: string) => void process.stdout.write(`${line}\n`));

  const folder = await mkdtemp(path.join(tmpdir(), 'deckhand-sandbox-'));
  let world: World | undefined;
  let bot: BotProcess | undefined;
  let page: SandboxPage | undefined;
  // The last resort, for an end that nobody awaits: no process and no folder is left behind.
  const leaveNothing = () => {
    bot?.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', leaveNothing);
  try {
    world = await startWorld({ folder, repo: commandLine.repo });
    const show = commandLine.verbose ? (text: string) => void process.stderr.write(text) : undefined;
    const isScripted = commandLine.lines.length > 0;
    // Who watches a webhook get lost should not have to wait a minute.
    bot = await startBot({ world, show, signal: interrupted, reconcileSeconds: isScripted ? undefined : 2 });
    if (!isScripted) page = await startPage(world, { beginWith: firstLine(world, commandLine) });
    print(paint.dim(`Ready in ${((performance.now() - began) / 1000).toFixed(1)} s.`));
    const transcript = createTranscript({ slack: world.slack, names: namesOf(world), print, paint });
    const running = { world, bot, page, transcript, commandLine, paint, prompt, print, signal: interrupted };
    const code = isScripted ? await executeAll(running) : await stayUp(running);
    transcript.stop();
    return code;
  } finally {
    await page?.stop();
    await bot?.stop();
    await world?.stop();
    process.off('exit', leaveNothing);
    leaveNothing();
  }
}

/** Types the lines in order, each after the one before is finished. Bad if one of them was. */
async function executeAll(o: Running): Promise<number> {
  const { person, place, yes, timeout } = o.commandLine;
  let code = 0;
  for (const [index, line] of o.commandLine.lines.entries()) {
    if (index > 0) o.print('');
    const verdict = await executeLine(
      o.world,
      o.transcript,
      { line, person, place },
      { yes, timeout, botEnded: o.bot.ended, signal: o.signal },
    );
    code ||= verdict.code;
    o.print(verdict.code === 0 ? o.paint.good(`✔ ${verdict.because}`) : o.paint.bad(`✘ ${verdict.because}`));
    if (o.bot.ended() !== undefined) {
      for (const logged of o.bot.lastLines()) o.print(`  ${logged}`);
      break;
    }
  }
  return code;
}

/** Until the person quits, the process is told to stop, or the bot ends. */
async function stayUp(o: Running): Promise<number> {
  for (const line of whatIsThere(o)) o.print(line);
  const ended = new AbortController();
  const untilBotEnds = setInterval(() => {
    if (o.bot.ended() !== undefined) ended.abort();
  }, 250);
  const signal = AbortSignal.any([ended.signal, o.signal]);
  try {
    if (o.prompt) {
      const { person, place } = o.commandLine;
      const { world, transcript } = o;
      await o.prompt.run({ world, transcript, person, place, input: process.stdin, output: process.stdout, signal });
    } else if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
  } finally {
    clearInterval(untilBotEnds);
  }
  if (!ended.signal.aborted || o.signal.aborted) return 0;
  o.print(o.paint.bad(`✘ the bot ended ${o.bot.ended()}`));
  for (const logged of o.bot.lastLines()) o.print(`  ${logged}`);
  return 1;
}

/** A line that works in this world. */
function firstLine({ repository }: World, { repo }: SandboxCommandLine): string {
  const branch = repo === undefined ? 'topic-branch' : repository.defaultBranch;
  return `/deploy ${repository.name}/${branch} to staging`;
}

function whatIsThere({ world, page, prompt, commandLine, paint }: Running): string[] {
  return [
    '',
    ...(page ? [`  ${paint.bold('Open')}      ${paint.link(page.link)}`, ''] : []),
    `  GitHub    ${world.github.url}  with ${world.repositories.join(' and ')}`,
    `  Slack     ${world.slack.url}`,
    `  deployer  ${world.deployer.home}`,
    `  bot       http://127.0.0.1:${world.botPort}/readyz`,
    `  all in    ${world.folder}`,
    '',
    '  ann and bob are members, gus is a guest. The bot is in #deploys and #random, not in #elsewhere.',
    '',
    ...(prompt ? promptHelp.split('\n') : ['  In a terminal there is a prompt here; Ctrl-C ends it all.']),
    '',
    `  Try: ${firstLine(world, commandLine)}`,
    ...(commandLine.repo === undefined
      ? [
          '       /deploy hello/topic-branch to staging --auto-merge',
          '       /deploy hello/red to production',
          '       /deploy hello/broken',
          '       /deploy handbook',
        ]
      : []),
    '       /deploy help',
    '',
  ];
}

const read = readCommandLine(process.argv.slice(2));
if ('help' in read) {
  process.stdout.write(usage);
} else if ('mistake' in read) {
  process.stderr.write(`${read.mistake}\n`);
  process.exitCode = 1;
} else {
  const interruption = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => {
    // Whoever asks twice does not want to wait: the exit handler cleans up.
    if (interruption.signal.aborted) process.exit(1);
    interruption.abort(new Error(`Stopped by ${signal}.`));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  // Whoever reads us may go away first (`… | head`); the exit handler cleans up.
  process.stdout.on('error', () => process.exit(1));
  const code = await run(read.run, interruption.signal).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  });
  process.exit(code);
}
