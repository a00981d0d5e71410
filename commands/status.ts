import {
  bold,
  type CommandFile,
  code,
  type Known,
  link,
  person,
  Refusal,
  room,
  say,
  type Words,
} from '../src/commands.ts';

/** One deployment, or all that are not over. */
export default {
  name: 'status',
  summary: 'Says where a deployment stands, or what is under way.',
  usage: ['status', 'status <deployment id>'],
  examples: [
    { line: 'status', means: 'in a deployment’s thread: that deployment; elsewhere: all that are not over' },
    { line: 'status 1234567890', means: 'the deployment with that id on GitHub' },
  ],
  async run({ words }, { answer, command, deployer, clock }) {
    const [id, extra] = words;
    if (extra !== undefined) {
      throw new Refusal('extra-words', say`${code(extra)} is one word too many. Try ${code(`/deploy status ${id}`)}.`);
    }
    const { team } = command.place;
    const one = id === undefined ? await deployer.inThread(command.place) : await deployer.find(team, id);
    if (one) return answer(story(one, clock.now()));
    if (id !== undefined) {
      throw new Refusal(
        'no-such-deployment',
        say`No deployment ${code(id)} was started from here. Type ${code('/deploy status')} to see what is under way.`,
      );
    }
    const all = await deployer.unfinished(team);
    if (all.length === 0) return answer(say`Nothing is under way.`);
    await answer(all.flatMap((each, index) => [...(index > 0 ? ['\n'] : []), ...headline(each, clock.now())]));
  },
} satisfies CommandFile;

function headline({ deployment, statuses }: Known, now: Date): Words {
  const { app, create, environment, place, asker } = deployment;
  const state = statuses.at(-1)?.status.state ?? before[deployment.stage] ?? deployment.stage;
  return say`${bold(`${app}/${create.ref}`)} to ${bold(environment)}: ${state.replaceAll('_', ' ')}, asked by ${person(asker.id)} in ${room(place.room)} ${ago(deployment.askedAt, now)}${
    deployment.id === undefined ? '' : ` (${deployment.id})`
  }`;
}

/** What people read while GitHub has no status yet. */
const before: Partial<Record<Known['deployment']['stage'], string>> = {
  opening: 'starting',
  creating: 'being created',
  settling: 'being looked for on GitHub',
  merging: 'waiting for the checks of the merged head',
  created: 'waiting for a deployer',
  unknown: 'GitHub may or may not have created it',
  refused: 'not deployed',
};

function story(known: Known, now: Date): Words {
  const lines = known.statuses.map(
    ({ status }) =>
      say`\n• ${status.state.replaceAll('_', ' ')} ${ago(status.createdAt, now)}, ${status.creator}${status.description ? `: ${status.description}` : ''}${
        status.logUrl ? [' (', link('log', status.logUrl), ')'] : ''
      }`,
  );
  const reason = known.deployment.refusal ? say`\nNot deployed: ${known.deployment.refusal.words}` : [];
  return [...headline(known, now), ...reason, ...lines.flat()];
}

function ago(iso: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(iso)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
