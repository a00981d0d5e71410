import { about, type Finding } from './finding.ts';
import type { Deliveries, HookFacts, HooksFacts } from './hooks.ts';

const { ok, warning, wrong } = about('GitHub');

/** Whose webhook it is, in words for whoever has to mend it. */
export interface HookOwner {
  /** The repository; nothing for the App. */
  of?: string;
  /** Where its settings are. */
  settings: string;
  /** How long a status may take to be told without it, in s. */
  reconcileSeconds: number;
}

/** What to say of the webhooks that should lead to the bot. */
export function hookFindings(facts: HooksFacts, owner: HookOwner): Finding[] {
  if (facts.kind === 'hidden') return [notShown(facts.why, owner)];
  const [first] = facts.ours;
  if (!first) return [noHook(facts.others, owner)];
  // Of several, one that works is enough; two that do are still told of once, by the delivery's id.
  const looked = facts.ours.map((hook) => oneHook(hook, owner));
  return looked.find((all) => all.every(({ mark }) => mark === 'ok')) ?? looked[0] ?? [];
}

function notShown(why: string, { of }: HookOwner): Finding {
  return warning(
    `The token is not shown the webhooks (${why})`,
    'Whether they arrive can’t be told here, and the bot can’t ask for lost ones again',
    'Give it “Webhooks: read and write” (classic tokens: write:repo_hook) from somebody who administers the repository, or go without',
    of,
  );
}

function late({ reconcileSeconds }: HookOwner): string {
  return `What deployers report is told up to ${reconcileSeconds} s late`;
}

function noHook(others: number, owner: HookOwner): Finding {
  const elsewhere = others === 0 ? '' : ` (${others === 1 ? 'one leads' : `${others} lead`} elsewhere)`;
  return warning(
    `There is no webhook whose URL ends in /github/webhooks${elsewhere}`,
    owner.of === undefined ? late(owner) : `${late(owner)}, unless a webhook of the organisation brings it`,
    `Add https://YOUR-HOST/github/webhooks under ${owner.settings}, with GITHUB_WEBHOOK_SECRET as its secret and the events Deployments, Deployment statuses, Workflow runs and Pull requests`,
    owner.of,
  );
}

function oneHook(hook: HookFacts, owner: HookOwner): Finding[] {
  const { of, settings } = owner;
  const found: Finding[] = [];
  const hears = (event: string) => hook.events.includes(event) || hook.events.includes('*');
  if (!hook.isActive) {
    found.push(wrong(`The webhook to ${hook.address} is off`, late(owner), `Tick “Active” under ${settings}`, of));
  }
  if (!hears('deployment_status')) {
    const tick = `Tick the event “Deployment statuses” under ${settings}`;
    found.push(wrong(`The webhook to ${hook.address} does not send deployment_status`, late(owner), tick, of));
  }
  if (!hears('workflow_run')) {
    found.push(
      warning(
        `The webhook to ${hook.address} does not send workflow_run`,
        'A workflow that is cancelled or breaks before it reports is noticed only when nothing comes for long',
        `Tick the event “Workflow runs” under ${settings}`,
        of,
      ),
    );
  }
  if (!hears('pull_request')) {
    found.push(
      warning(
        `The webhook to ${hook.address} does not send pull_request`,
        'What was deployed to a transient environment from a pull request stays when that is closed',
        `Tick the event “Pull requests” under ${settings}`,
        of,
      ),
    );
  }
  if (!hook.verifiesTls) {
    const enable = `Enable SSL verification under ${settings}`;
    found.push(
      warning(
        'GitHub does not check the certificate of the webhook’s URL',
        'Somebody in between could read and hold back what happens',
        enable,
        of,
      ),
    );
  }
  found.push(...deliveryFindings(hook, owner));
  return found.length > 0 ? found : [ok(`the webhook to ${hook.address} arrives${newest(hook.deliveries)}`, of)];
}

function newest(deliveries: Deliveries): string {
  const last = deliveries.kind === 'yes' ? byTime(deliveries.value)[0] : undefined;
  if (!last) return ', as far as GitHub says: it has delivered nothing of late';
  return ` (${last.event}, ${last.status_code}, ${last.delivered_at})`;
}

const byTime = <T extends { delivered_at: string }>(all: readonly T[]): T[] =>
  [...all].sort((one, other) => Date.parse(other.delivered_at) - Date.parse(one.delivered_at));

/** How the newest delivery ended: what failed before it has been mended, or is asked for again by the bot. */
function deliveryFindings({ address, deliveries }: HookFacts, { of, settings }: HookOwner): Finding[] {
  if (deliveries.kind !== 'yes') return [];
  const [last] = byTime(deliveries.value);
  const code = last?.status_code ?? 0;
  if (!last || (code >= 200 && code < 300)) return [];
  // Our own answers are the first kind; where nothing of ours answered, GitHub says why in words.
  const isAnswer = /^Invalid HTTP Response/i.test(last.status);
  const outcome = isAnswer || code === 401 || code === 404 ? `answered with ${code}` : `${last.status} (${code})`;
  return [
    wrong(
      `GitHub’s last delivery to ${address} failed: ${outcome}`,
      'Statuses are late, and GitHub never sends again by itself',
      remedyFor(code, isAnswer, settings),
      of,
    ),
  ];
}

function remedyFor(code: number, isAnswer: boolean, settings: string): string {
  if (code === 401) return `Give the webhook under ${settings} the secret that GITHUB_WEBHOOK_SECRET has`;
  if (code === 404) return 'Something else answers at that address: lead it to the bot’s HOST and PORT';
  if (code === 503 && isAnswer) return 'The bot could not store it: look at its log, and at the store below';
  if (isAnswer) return 'Look at the bot’s log and at what stands before it';
  return 'See that the bot runs and that GitHub reaches it there: name, certificate, firewall, proxy';
}
