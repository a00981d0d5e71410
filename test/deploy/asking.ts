import deploy from '../../commands/deploy.ts';
import help from '../../commands/help.ts';
import status from '../../commands/status.ts';
import { understand } from '../../src/commands.ts';
import type { Apps } from '../../src/deploy/apps.ts';
import { Refusal } from '../../src/deploy/refusal.ts';
import { type DeployRequest, parseDeploy } from '../../src/deploy/request.ts';

export const commands = [deploy, help, status];

/** Reads a deploy line as the bot does once what phones do to it is undone. */
export function ask(line: string, apps: Apps): DeployRequest {
  const { command, args } = understand(line, commands);
  if (command !== deploy) throw new Error(`“${line}” is not deploy but ${command.name}`);
  return parseDeploy(
    args,
    apps,
    commands.map(({ name }) => name),
  );
}

/** What comes of a line: a request, or the Refusal that it gets. Anything else that is thrown is a bug. */
export function outcome(line: string, apps: Apps): DeployRequest | Refusal {
  try {
    return ask(line, apps);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

export function refusal(line: string, apps: Apps): Refusal {
  const came = outcome(line, apps);
  if (came instanceof Refusal) return came;
  throw new Error(`“${line}” was not refused`);
}
