import { asText } from '../arguments.ts';
import { failed } from '../result.ts';
import { wireUser } from '../wire.ts';
import type { Method } from './method.ts';
import { page } from './page.ts';

const authTest: Method = {
  token: 'any',
  run(_args, { workspace: { bot, team }, origin }) {
    return {
      ok: true,
      url: `${origin}/`,
      team: team.name,
      user: bot.name,
      team_id: team.id,
      user_id: bot.userId,
      bot_id: bot.botId,
      is_enterprise_install: false,
    };
  },
};

const teamInfo: Method = {
  scope: 'team:read',
  run(_args, { workspace: { team } }) {
    return { ok: true, team: { ...team, email_domain: '', icon: { image_default: true } } };
  },
};

const userInfo: Method = {
  scope: 'users:read',
  run(args, { workspace }) {
    const user = workspace.users.get(asText(args.user));
    return user ? { ok: true, user: wireUser(workspace, user) } : failed('user_not_found');
  },
};

const userList: Method = {
  scope: 'users:read',
  run(args, { workspace }) {
    const { items, next_cursor } = page([...workspace.users.values()], args, 1000);
    return {
      ok: true,
      members: items.map((user) => wireUser(workspace, user)),
      response_metadata: { next_cursor },
    };
  },
};

export const peopleMethods: Record<string, Method> = {
  'auth.test': authTest,
  'team.info': teamInfo,
  'users.info': userInfo,
  'users.list': userList,
};
