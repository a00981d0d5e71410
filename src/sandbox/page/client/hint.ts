/** Where somebody is typing. */
export interface Typing {
  isThread: boolean;
  /** Whether the bot reads along. */
  hasBot: boolean;
  isDirect: boolean;
  botName: string;
  apps: readonly string[];
}

/** What a line will do once it is sent, in a few words; nothing for mere talk. */
export function hintFor(line: string, typing: Typing): string {
  const typed = line.trim();
  const mention = `@${typing.botName}`;
  if (typed.startsWith('/')) {
    if (typing.isThread) return `Slash commands do not work in threads. Write ${mention} instead of /deploy.`;
    if (!/^\/deploy(\s|$)/.test(typed)) return 'There is one command here: /deploy';
    return `${purpose(typed.replace(/^\/deploy\s*/, ''), typing)} Nobody else sees this line.`;
  }
  if (!new RegExp(`^${mention}(\\s|$)`).test(typed)) return '';
  if (typing.isDirect) return 'A mention is not heard in a direct message. Write /deploy instead.';
  if (!typing.hasBot) return `${mention} is not in this channel and will not hear it. /deploy works everywhere.`;
  return `${purpose(typed.slice(mention.length).trim(), typing)} Everybody here sees this line.`;
}

function purpose(rest: string, { apps }: Typing): string {
  const [task, deploy = rest] = /^deploy(?::(\S+))?\s+(.*)$/.exec(rest)?.slice(1) ?? [];
  const words = deploy.replace(/^!\s*/, '').split(/\s+/).filter(Boolean);
  const target = (words[0] ?? '').replace(/!$/, '');
  const app = apps.find(
    (name) => target === name || (/^[/@#]/.test(target.slice(name.length)) && target.startsWith(name)),
  );
  if (target === '') return 'Asks what can be deployed.';
  if (app === undefined) return `Asks for “${words.slice(0, 2).join(' ')}”.`;
  const ref = target.slice(app.length + 1);
  const where = words.findIndex((word) => /^(to|in|on)$/i.test(word));
  const environment = where < 0 ? undefined : words[where + 1];
  const isForced = /!(\s|$)|(^|\s)(--force|-f)(\s|$)/.test(rest);
  return [
    task ? `Runs ${task} of ${app}` : `Deploys ${app}`,
    ref ? ` at ${ref}` : '',
    environment ? ` to ${environment.replace(/!$/, '')}` : '',
    isForced ? ', whatever its checks say.' : '.',
  ].join('');
}
