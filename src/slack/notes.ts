import { cancelledRun } from '../deploy/cancelled-run.ts';
import type { Deployment, Note, WorkflowRun } from '../deploy/deployment.ts';
import type { Manner } from '../deploy/ports.ts';
import type { Button } from '../deploy/refusal.ts';
import { webRoot } from '../deploy/web-root.ts';
import { bold, code, link, person, say, type Words } from '../deploy/words.ts';
import { actions, context, type Message, message, section } from './blocks.ts';
import { shownAtMost } from './limits.ts';
import { originMessage, repeatedMessage } from './origins.ts';
import { commit, duration, runEnded, target } from './phrases.ts';
import { shortened } from './text.ts';

/** What the bot itself has to say in the thread. */
export function noteMessage(deployment: Deployment, note: Note, manner: Manner, apiUrl?: string): Message {
  switch (note.kind) {
    case 'refused':
      return refused(deployment);
    case 'merged':
      return told(
        say`🔀 ${bold('GitHub merged the default branch')} into ${ref(deployment)} first, and pushed that. When the checks of the merge are in, I ask again.`,
        note.answered ? [] : [callOff(deployment)],
        quoted(note.message),
      );
    case 'checks-slow':
      return told(
        say`🟡 After ${duration(note.waitedMs)} the checks of the merge are still not all in. I keep waiting.`,
        [callOff(deployment)],
      );
    case 'called-off':
      return told(say`⛔ ${bold('Called off')} by ${shortened(note.by.name, shownAtMost.name)}. Nothing was deployed.`);
    case 'cancelled':
      return told(
        say`⛔ ${bold('Cancelled')} by ${shortened(note.by.name, shownAtMost.name)}${note.again ? ', once more' : ''}. ${cancelledRun(note.run)} A deployer that pays no heed goes on; what it still reports is told here.`,
      );
    case 'deleted':
      return told(
        say`🗑️ ${bold('Deleted on GitHub')}${note.by ? ` by ${shortened(note.by.name, shownAtMost.name)}` : ''}. What is deployed stays as it is.`,
      );
    case 'sha-differs':
      return told(
        say`🟡 ${bold('Another commit than the one shown.')} You were shown ${commit(deployment, note.shown, apiUrl)}; GitHub deploys ${commit(deployment, note.created, apiUrl)}, because ${ref(deployment)} moved in between.`,
      );
    case 'no-deployer':
      return noDeployer(deployment, note.afterMs, note.answered === true, apiUrl);
    case 'stuck':
      return told(
        say`🟡 ${bold(`No news for ${duration(note.afterMs)}.`)} It may have got stuck: look at its log. I go on listening, and tell whatever still comes.`,
      );
    case 'let-go':
      return told(
        say`⚪ ${bold(`No news for ${duration(note.afterMs)}, so I have let go of it.`)} I ask GitHub no more; should its deployer still report, I tell it here. Look at its log, or deploy again.`,
      );
    case 'run-ended':
      return told(
        say`🟡 ${bold(`The workflow run ${runEnded(note.run)}`)} before it said how this deployment went. See its log, then run it again there or deploy again.`,
        [],
        runFacts(note.run),
      );
    case 'broken':
      return told(
        say`🔴 ${manner.mention ? [person(deployment.asker.id), ' '] : []}${bold('Something broke in me, again and again,')} so lines may be missing here. Look at ${deploymentsPage(deployment, apiUrl)} for how it went, and give this number to whoever runs me: ${code(shortened(note.reference, shownAtMost.name))}.`,
      );
    case 'unknown':
      if (note.answered) {
        return takenBack('Nobody knew whether GitHub created this deployment.', `It did: #${deployment.id}.`);
      }
      return told(
        say`🟡 ${bold('Nobody knows whether GitHub created this deployment.')} GitHub gave no clear answer, and its list does not show it. Look at ${deploymentsPage(deployment, apiUrl)}: if it is not there, ask for it again.`,
        [{ label: 'Ask again', line: deployment.line, danger: true }],
      );
    case 'origin':
      return deployment.origin ? originMessage(deployment, deployment.origin, apiUrl) : told(say`Deployed before.`);
    case 'repeated':
      return repeatedMessage(note);
    case 'enough':
      return told(
        say`⚪ ${bold(`These were ${String(note.lines)} lines.`)} How far it goes on shows above; here only its ending is told.`,
      );
    case 'replaced':
      return told(say`⚪ Replaced by deployment ${String(note.by)}.`);
    case 'not-inactive':
      return told(
        say`🟡 ${bold(`Pull request #${note.pullRequest} was closed`)}, and I could not make this deployment inactive: ${note.words}`,
      );
    case 'unheard':
      return told(
        say`🟡 Slack did not let me write here (${code(shortened(note.error, shownAtMost.name))}), so some lines are missing.`,
      );
  }
}

function told(words: Words, buttons: readonly Button[] = [], facts: Words = []): Message {
  return message(words, [section(words), ...context([facts]), ...actions(buttons)]);
}

/** Which run it was, on one line. */
const runFacts = ({ name, attempt, url }: WorkflowRun): Words => [
  ...(url ? [link('Run', url), ' · '] : []),
  code(shortened(name, shownAtMost.name) || 'unnamed'),
  ...(attempt > 1 ? [` · attempt ${attempt}`] : []),
];

/** Why nothing was deployed, at length: each check, each branch; and the ways out. */
function refused(deployment: Deployment): Message {
  const { refusal } = deployment;
  const words = refusal?.words ?? ['It was called off.'];
  const headline = say`${target(deployment)} was not deployed. ${words}`;
  const details = (refusal?.details ?? []).slice(0, mostDetails);
  const left = (refusal?.details?.length ?? 0) - details.length;
  const list = details.flatMap((detail, index) => [...(index === 0 ? ['• '] : ['\n• ']), ...detail]);
  return message(headline, [
    section(headline),
    ...(list.length === 0 ? [] : [section(left > 0 ? [...list, `\n… and ${left} more`] : list)]),
    ...(refusal?.advice ? [section(refusal.advice)] : []),
    ...actions(refusal?.buttons),
  ]);
}

/** Nobody reads more of them in a thread, and GitHub lists them all. */
const mostDetails = 25;

function noDeployer(deployment: Deployment, afterMs: number, answered: boolean, apiUrl: string | undefined): Message {
  const alarm = `No deployer has answered for ${duration(afterMs)}.`;
  if (answered) return takenBack(alarm, 'Answered since.');
  return told(
    say`🟡 ${bold(alarm)} GitHub has the deployment, but nobody has said anything about it. Worth a look: a workflow with ${code('on: deployment')} at ${commit(deployment, deployment.createdSha ?? deployment.sha, apiUrl)}, the webhook deliveries of ${code(shortened(deployment.repository, shownAtMost.name))}, a rule of the environment that waits for somebody, a runner that is down.`,
  );
}

/** An alarm that is over: struck through, with what came of it. */
function takenBack(alarm: string, since: string): Message {
  return message([`${alarm} ${since}`], [strike(section([alarm])), ...context([[since]])]);
}

/** Strikes a paragraph through; it holds plain words only. */
function strike(block: ReturnType<typeof section>): ReturnType<typeof section> {
  return block.type === 'section' ? { ...block, text: { ...block.text, text: `~${block.text.text}~` } } : block;
}

const ref = (deployment: Deployment) => code(shortened(deployment.create.ref, shownAtMost.ref));

const callOff = (deployment: Deployment): Button => ({ label: 'Call off', line: `cancel ${deployment.request}` });

const quoted = (words: string): Words => {
  const line = shortened(words, shownAtMost.description);
  return line === '' ? [] : [`GitHub: “${line}”`];
};

function deploymentsPage(deployment: Deployment, apiUrl: string | undefined): Words {
  const root = webRoot(deployment.apiUrl ?? apiUrl);
  const name = `the deployments of ${deployment.repository}`;
  return [root ? link(name, `${root}/${deployment.repository}/deployments`) : name];
}
