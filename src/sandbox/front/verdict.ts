/** What a person at the sandbox can see of a typed line, at one moment. */
export interface LineFacts {
  /** How the bot ended, if it did. */
  botEnded?: string;
  /** A refusal was shown. */
  refused: boolean;
  /** A confirming button waits to be pressed. */
  waitsForButton: boolean;
  /** Such a button was pressed. */
  wasPressed: boolean;
  /** In every thread the parent has changed since the newest reply. */
  isSummedUp: boolean;
  /** The bot has said something to this person alone. */
  answeredPrivately: boolean;
  /** The same, in another message than the one whose button was pressed. */
  answeredAfterPress: boolean;
  /** The bot has answered the line itself for everybody, as `--show` asks for. */
  answeredForAll: boolean;
  /** The bot has said something that everybody sees. */
  answeredPublicly: boolean;
  /** GitHub's answers to the bot's attempts to create a deployment, as HTTP status codes. */
  creations: number[];
  /** Some check of what is to be deployed is not in. */
  checksPending: boolean;
  deployments: DeploymentFacts[];
  /** Milliseconds since anything moved, in the chat or on GitHub. */
  quiet: number;
}

export interface DeploymentFacts {
  name: string;
  /** Newest state on GitHub, if there is any. */
  state?: string;
  /** Whether `success` was among its states: a newer deployment may have made it inactive since. */
  succeeded: boolean;
  /** Whether the thread shows everything that GitHub knows. */
  isTold: boolean;
}

export interface Verdict {
  code: 0 | 1;
  because: string;
}

/** Milliseconds of quiet after which no more is expected, by what was seen last. */
export type QuietPeriods = typeof quietPeriods;
export const quietPeriods = {
  /** The parent has been brought up to date after the last reply. */
  summedUp: 300,
  /** For that last edit to arrive. */
  told: 1_000,
  refused: 200,
  button: 300,
  /** The details of what GitHub refused come in the thread. */
  refusedByGitHub: 1_500,
  answer: 600,
  /** What was done is told to the person who asked, and in its thread a little later; so is what a button did. */
  toldBoth: 1_500,
  /** A public message alone, or a pressed button, may be the beginning of a deployment, whose parent waits for its turn. */
  publicAnswer: 24_000,
};

/**
 * Whether the line is finished, and how: every deployment that it started has ended and is told, or it was answered
 * without one, or refused, or waits for a button, or nothing has moved for `timeout` milliseconds. Undefined: not yet.
 */
export function judge(facts: LineFacts, timeout: number, enough: QuietPeriods = quietPeriods): Verdict | undefined {
  const { deployments, quiet } = facts;
  if (facts.botEnded !== undefined) return bad(`the bot ended ${facts.botEnded}`);
  if (deployments.length > 0) {
    const isTold = quiet >= (facts.isSummedUp ? enough.summedUp : enough.told);
    if (isTold && deployments.every((one) => isFinal(one.state) && one.isTold)) return verdictOn(deployments);
  } else if (facts.waitsForButton) {
    if (quiet >= enough.button) return bad('waits for a button (--yes presses it)');
  } else if (facts.refused) {
    if (quiet >= enough.refused) return bad('refused');
  } else if (facts.creations.length > 0) {
    if (quiet >= (facts.isSummedUp ? enough.summedUp : enough.refusedByGitHub) && isRefusal(facts)) {
      return bad(`not deployed: GitHub answered ${facts.creations.at(-1)}`);
    }
  } else if (facts.answeredForAll) {
    if (quiet >= enough.answer) return good('answered');
  } else if (facts.answeredPrivately) {
    // A line that deploys has no answer but what the room sees; what else the room sees now is about earlier lines. What
    // stands in a pressed button's own message is no answer.
    const isAnswered = !facts.wasPressed || facts.answeredAfterPress;
    const told = facts.wasPressed || facts.answeredPublicly ? enough.toldBoth : enough.answer;
    if (quiet >= (isAnswered ? told : enough.publicAnswer)) return good('answered');
  } else if (facts.answeredPublicly) {
    if (quiet >= enough.publicAnswer) return good('answered');
  }
  return quiet >= timeout ? bad(`given up: nothing has moved for ${timeout / 1000} s${standstill(facts)}`) : undefined;
}

function verdictOn(deployments: DeploymentFacts[]): Verdict {
  const told = deployments.map((one) => `${one.name}: ${one.succeeded ? 'success' : one.state}`).join(', ');
  return deployments.every((one) => one.succeeded && (one.state === 'success' || one.state === 'inactive'))
    ? good(told)
    : bad(told);
}

function isFinal(state: string | undefined): boolean {
  return ['success', 'failure', 'error', 'inactive'].includes(state ?? '');
}

/** After a 202 the bot asks again once the merge is checked, so that a 409 before that is not the end. */
function isRefusal({ creations, checksPending }: LineFacts): boolean {
  const last = creations.at(-1) ?? 0;
  return last >= 400 && last < 500 && !(creations.includes(202) && checksPending);
}

function standstill({ deployments, creations }: LineFacts): string {
  if (deployments.length === 0 && creations.at(-1) === 202) return ', and GitHub has merged but not deployed';
  const open = deployments.find((one) => !isFinal(one.state));
  if (open) return `, and ${open.name} is still ${open.state ?? 'without any status'}`;
  const untold = deployments.find((one) => !one.isTold);
  return untold ? `, and the thread does not show that ${untold.name} is ${untold.state}` : '';
}

const good = (because: string): Verdict => ({ code: 0, because });
const bad = (because: string): Verdict => ({ code: 1, because });
