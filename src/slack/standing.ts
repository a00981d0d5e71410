import type { UsersInfoResponse, WebClient } from '@slack/web-api';
import type { Clock, Standing } from '../deploy/ports.ts';
import { Refusal } from '../deploy/refusal.ts';
import { code, say } from '../deploy/words.ts';
import { remember } from './remember.ts';
import type { Team } from './team.ts';
import { troubleOf } from './trouble.ts';

type User = NonNullable<UsersInfoResponse['user']>;

/** Answers who somebody is to the team (users.info, scope `users:read`). Rejects with a Refusal if Slack does not tell. */
export const standings = (client: WebClient, team: () => Team | undefined, clock: Clock) =>
  remember(clock, (user) => ask(client, team(), user));

async function ask(client: WebClient, team: Team | undefined, user: string): Promise<Standing> {
  const found = await look(client, user);
  if (found.deleted) {
    throw new Refusal(
      'unknown-person',
      say`Slack does not know you as somebody of this team, so you can't deploy from here.`,
    );
  }
  const ours = [team?.id, team?.enterprise].filter((id) => id !== undefined);
  const theirs = [found.team_id, found.enterprise_user?.enterprise_id].filter((id) => id !== undefined);
  return {
    name: found.name ?? '',
    guest: found.is_restricted === true || found.is_ultra_restricted === true,
    external: isStranger(found) || (ours.length > 0 && theirs.length > 0 && !theirs.some((id) => ours.includes(id))),
    bot: found.is_bot === true || found.is_workflow_bot === true,
  };
}

/** What Slack says of somebody; nothing where a server that only speaks like Slack does not know the method. */
async function look(client: WebClient, user: string): Promise<User> {
  try {
    return (await client.users.info({ user })).user ?? {};
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.kind === 'no' && trouble.error === 'unknown_method') return {};
    throw unknowable(error);
  }
}

/** Slack sends `is_stranger` for people whom the team knows from shared channels only; the SDK's types lack it. */
const isStranger = (user: object): boolean => 'is_stranger' in user && user.is_stranger === true;

function unknowable(error: unknown): Refusal {
  const trouble = troubleOf(error);
  if (trouble.kind !== 'no') {
    return new Refusal(
      'slack-unreachable',
      say`Slack does not tell me right now who you are. Ask again in a moment.`,
      [],
      error,
    );
  }
  if (trouble.error === 'missing_scope') {
    return new Refusal(
      'cannot-tell-who',
      say`My Slack token lacks the scope ${code(trouble.needed ?? 'users:read')}, so I can't tell whether you may deploy. Whoever runs me can add it in the app's settings and install the app again.`,
      [],
      error,
    );
  }
  return new Refusal(
    'unknown-person',
    say`Slack does not tell me who you are (${code(trouble.error)}), so you can't deploy from here.`,
    [],
    error,
  );
}
