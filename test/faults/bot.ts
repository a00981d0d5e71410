import { createBot } from '../../src/bot.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type AtStep, counting, readStep, stepped, written } from './steps.ts';

// The bot as src/main.ts runs it, and besides it dies at the step that it is told: by KILL_AT, counted from its start, or
// by a message `{ killAt }`, counted from then; with `{ stopAt }` it stands still there. RECORD and `{ record: true }` make
// it tell its steps instead.

const meets = (step: string, signal: 'SIGKILL' | 'SIGSTOP'): AtStep => {
  const end = written(readStep(step));
  return counting((reached) => {
    // Nothing of this process runs after it, or until it is told to go on.
    if (written(reached) === end) process.kill(process.pid, signal);
  });
};

const records = (): AtStep => counting((step) => process.send?.({ step: written(step) }));

const { KILL_AT, RECORD } = process.env;
let at: AtStep = KILL_AT ? meets(KILL_AT, 'SIGKILL') : RECORD ? records() : () => {};

process.on('message', (told: { killAt?: string; stopAt?: string; record?: true }) => {
  if (told.killAt !== undefined) at = meets(told.killAt, 'SIGKILL');
  else if (told.stopAt !== undefined) at = meets(told.stopAt, 'SIGSTOP');
  else if (told.record) at = records();
  else at = () => {};
  process.send?.({ heard: true });
});

const log = createLog(process.env.LOG_LEVEL ?? 'info');
const bot = createBot(readConfig(process.env, process.cwd()), {
  log,
  around: (ports) => stepped(ports, (name, when) => at(name, when)),
});
process.on('SIGTERM', () => void bot.stop().then(() => process.exit(0)));
await bot.start();
