import { type Arguments, asText } from './arguments.ts';
import { chatMethods } from './methods/chat.ts';
import { conversationMethods } from './methods/conversations.ts';
import { historyMethods } from './methods/history.ts';
import { interactiveMethods } from './methods/interactive.ts';
import type { Method, MethodContext } from './methods/method.ts';
import { peopleMethods } from './methods/people.ts';
import { createRateLimits } from './rate-limits.ts';
import { type Failure, failed, type Result } from './result.ts';

const methods: Record<string, Method> = {
  ...peopleMethods,
  ...interactiveMethods,
  ...chatMethods,
  ...conversationMethods,
  ...historyMethods,
};

/** The tokens of the one app that is installed here. */
export interface Tokens {
  bot: string;
  app: string;
  /** Set: the app was removed, or its token revoked; every call of the bot is refused with this. */
  revoked?: 'account_inactive' | 'token_revoked' | 'token_expired';
}

export interface ApiAnswer {
  status: number;
  headers: Record<string, string>;
  body: Result;
}

/**
 * Slack's Web API: refuses what Slack refuses for any method (token, scope, team, pace), then runs the method.
 * `limited`: count calls and answer 429 beyond Slack's tiers.
 */
export function createWebApi(o: { tokens: Tokens; limited: boolean; context: () => MethodContext }) {
  const rates = createRateLimits(() => o.context().workspace.now());

  /** The token's kind, or why it is none. `apps.connections.open` reads the header only, as Slack does. */
  function kindOfToken(authorization: string, args: Arguments, method: Method): 'bot' | 'app' | Failure {
    const inHeader = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1];
    const token = inHeader ?? (method.token === 'app' ? '' : asText(args.token));
    if (token === '') return failed('not_authed');
    const kind = token === o.tokens.bot ? 'bot' : token === o.tokens.app ? 'app' : undefined;
    if (!kind) return failed('invalid_auth');
    if (kind === 'bot' && o.tokens.revoked) return failed(o.tokens.revoked);
    const takes = method.token ?? 'bot';
    return takes === 'any' || takes === kind ? kind : failed('not_allowed_token_type');
  }

  function missingScope(
    method: Method,
    args: Arguments,
    context: MethodContext,
    granted: string[],
  ): Failure | undefined {
    const needed = typeof method.scope === 'function' ? method.scope(args, context) : method.scope;
    if (needed === undefined || granted.includes(needed)) return undefined;
    return failed('missing_scope', { needed, provided: granted.join(',') });
  }

  return {
    /** Answers one call. `authorization` is the header of that name, empty when there is none. */
    call(name: string, args: Arguments, authorization: string): ApiAnswer {
      const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
      if (!method) return answer(failed('unknown_method', { req_method: name }));
      const kind = kindOfToken(authorization, args, method);
      if (typeof kind === 'object') return answer(kind);
      const context = o.context();
      const wait = o.limited ? rates.take(name, args) : undefined;
      if (wait !== undefined) return answer(failed('ratelimited'), 429, { 'retry-after': String(wait) });

      const granted = kind === 'app' ? ['connections:write'] : context.scopes;
      const refused = missingScope(method, args, context, granted) ?? foreignTeam(args, context);
      return answer(refused ?? method.run(args, context), 200, {
        'x-oauth-scopes': granted.join(','),
        ...(typeof method.scope === 'string' && { 'x-accepted-oauth-scopes': method.scope }),
      });
    },
  };
}

/** Bolt names the team in every call; one that did not install the app is refused. */
function foreignTeam(args: Arguments, { workspace }: MethodContext): Failure | undefined {
  const team = asText(args.team_id);
  return team === '' || team === workspace.team.id ? undefined : failed('team_access_not_granted');
}

function answer(body: Result, status = 200, headers: Record<string, string> = {}): ApiAnswer {
  return { status, headers, body };
}
