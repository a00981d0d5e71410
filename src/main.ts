import { createBot } from './bot.ts';
import { ConfigError, readConfig } from './config.ts';
import { createLog } from './log.ts';

/** A stop that takes longer is cut short: a supervisor would kill us anyway, and everything that matters is stored. */
const stopWithinMs = 20_000;

async function main(): Promise<void> {
  const config = readConfig(process.env, process.cwd());
  if (process.argv.includes('--check-config')) {
    const { checkConfig, isWrong, report } = await import('./check/check.ts');
    const findings = await checkConfig(config);
    console.log(report(findings));
    process.exitCode = findings.some(isWrong) ? 1 : 0;
    return;
  }
  const log = createLog(config.log.level);
  const bot = createBot(config, { log });

  let stopping = false;
  const stop = async (why: string, status: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    setTimeout(() => process.exit(status || 1), stopWithinMs).unref();
    await bot.stop().catch((error) => log.error({ err: error }, 'stopping failed'));
    process.exit(status);
  };
  process.on('SIGTERM', () => void stop('SIGTERM', 0));
  process.on('SIGINT', () => void stop('SIGINT', 0));
  // A bug in a library must not leave half a bot: it stops in order, and the supervisor starts a whole one.
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection');
    void stop('unhandled rejection', 1);
  });
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    void stop('uncaught exception', 1);
  });

  await bot.start();
}

try {
  await main();
} catch (error) {
  // What is wrong with the configuration is a list for a person; anything else that ends a start is one sentence.
  console.error(error instanceof ConfigError ? error.message : `Deckhand could not start: ${(error as Error).message}`);
  process.exit(1);
}
