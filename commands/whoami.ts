import { bold, type CommandFile, code, type Identity, list, Refusal, say, type Words } from '../src/commands.ts';

/** Who somebody is to the bot, and the bot to GitHub: for whoever wonders why something is refused. */
export default {
  name: 'whoami',
  summary: 'Says who you are to me, what you may deploy from here, and who I am on GitHub.',
  usage: ['whoami'],
  examples: [{ line: 'whoami', means: 'you, in this room' }],
  async run({ words: [extra] }, { answer, command, deployer }) {
    if (extra !== undefined) {
      throw new Refusal('extra-words', say`${code(extra)} is one word too many. Try ${code('/deploy whoami')}.`);
    }
    const { standing, apps, hidden, bot } = await deployer.whoAmI(command);
    const lines = [you(command.user, standing), ...may(apps), ...mayNot(apps), ...others(hidden), ...bot.map(onGitHub)];
    await answer(lines.flatMap((line, index) => (index === 0 ? line : ['\n', ...line])));
  },
} satisfies CommandFile;

/** Nobody reads more of them. */
const mostApps = 10;
const mostReasons = 5;

function you({ id, name }: { id: string; name: string }, { name: known, bot, external, guest }: Identity['standing']) {
  const what = bot
    ? 'a bot'
    : external
      ? 'from another organisation'
      : guest
        ? 'a guest'
        : 'a member of this workspace';
  return say`You are ${bold(known || name)} (${code(id)}), ${what}.`;
}

function may(apps: Identity['apps']): Words[] {
  const open = apps.filter(({ no }) => !no?.all);
  if (open.length === 0) return [say`There is nothing that you may deploy from here.`];
  const named = open
    .slice(0, mostApps)
    .map(({ app, environments, no }) =>
      no ? say`${code(app)} to ${list(environments.map(code), 'and')}` : [code(app)],
    );
  const more = open.length - named.length;
  return [say`From here you may deploy ${list(more > 0 ? [...named, `${more} more`] : named, 'and')}.`];
}

function mayNot(apps: Identity['apps']): Words[] {
  const closed = apps.flatMap(({ app, no }) =>
    no ? [say`• Not ${no.all ? '' : 'all of '}${code(app)}: ${no.words}`] : [],
  );
  const more = closed.length - mostReasons;
  return [...closed.slice(0, mostReasons), ...(more > 0 ? [say`• Nor ${more} more.`] : [])];
}

function others(hidden: Identity['hidden']): Words[] {
  if (!hidden) return [];
  const { count, words } = hidden;
  return [say`• Not ${count} ${count === 1 ? 'app' : 'apps'} that I don’t name here. ${words}`];
}

function onGitHub({ host, ...known }: Identity['bot'][number]): Words {
  const where = host === undefined ? 'GitHub' : host;
  return 'login' in known
    ? say`On ${where} I am ${code(known.login)}.`
    : say`Who I am on ${where} I don’t know. ${known.unknown}`;
}
