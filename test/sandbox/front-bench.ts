import { createServer } from 'node:http';
import { type QuietPeriods, quietPeriods } from '../../src/sandbox/front/verdict.ts';
import type { World } from '../../src/sandbox/world.ts';

/** Quiet periods for a bot that is not kept waiting by anybody: a third of what people get. */
export const quick = Object.fromEntries(
  Object.entries(quietPeriods).map(([after, ms]) => [after, ms / 3]),
) as QuietPeriods;

/** What a scripted bot does when it hears something. */
export interface Script {
  /** Answers the slash command's request with this body; a function is asked, and may do things afterwards. */
  command?: (fields: URLSearchParams) => unknown;
  press?: (payload: { actions: { action_id: string }[]; response_url: string }) => unknown;
  /** A deployment status came. */
  status?: (event: { deployment: { payload: unknown }; deployment_status: { state: string } }) => unknown;
}

/** A bot of a few lines in the real one's place: Slack over HTTP, GitHub's webhooks on the port that the world expects. */
export async function startScriptedBot(world: World, script: Script) {
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    if (request.url === '/github/webhooks') {
      response.writeHead(200).end();
      if (request.headers['x-github-event'] === 'deployment_status') await script.status?.(JSON.parse(text));
      return;
    }
    const fields = new URLSearchParams(text);
    const payload = fields.get('payload');
    const body = payload ? script.press?.(JSON.parse(payload)) : script.command?.(fields);
    const isText = typeof body === 'object' && body !== null && !(body instanceof Promise);
    response.writeHead(200, { 'content-type': 'application/json' }).end(isText ? JSON.stringify(body) : '');
  });
  await new Promise<void>((resolve) => server.listen(world.botPort, '127.0.0.1', resolve));
  world.slack.requestUrl = `http://127.0.0.1:${world.botPort}/slack/events`;

  return {
    async slack(method: string, body: Record<string, unknown>): Promise<{ ok: boolean; ts: string }> {
      const answer = await fetch(`${world.slack.url}${method}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${world.slack.botToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return (await answer.json()) as { ok: boolean; ts: string };
    },
    async deploy(body: Record<string, unknown>): Promise<number> {
      const answer = await fetch(`${world.github.url}/repos/${world.repository.fullName}/deployments`, {
        method: 'POST',
        headers: { authorization: `Bearer ${world.github.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ auto_merge: false, required_contexts: [], environment: 'staging', ...body }),
      });
      return answer.status;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
