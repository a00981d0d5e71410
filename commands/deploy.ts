import { type CommandFile, deployOptions, parseDeploy } from '../src/commands.ts';

/** The main job. What the words mean is in deploy/request.ts, what may go ahead in deploy/rules.ts. */
export default {
  name: 'deploy',
  summary: 'Deploys an app, at a branch, tag or commit, to an environment.',
  usage: [
    '[deploy[:task]] app[/ref][!] [to environment[/hosts]] [options]',
    'owner/repo[@ref][!] [to environment[/hosts]] [options]',
    'app#pull-request [to environment[/hosts]] [options]',
  ],
  examples: [
    { line: 'hello', means: 'the default branch of hello to its default environment' },
    { line: 'hello/topic-branch to staging', means: 'a branch to an environment' },
    { line: 'hello/topic-branch! to production', means: 'without waiting for checks' },
    { line: 'deploy:migrations hello to production/db1,db2', means: 'another task, on two hosts' },
    { line: 'acme/hello@v1.0.0 to staging', means: 'a repository at a tag' },
    { line: 'hello --dry-run', means: 'what would be asked of GitHub' },
  ],
  options: deployOptions,
  async run(args, { apps, command, commands, deployer, answer }) {
    const words = commands.map(({ name }) => name);
    const request = parseDeploy(args, apps, words);
    const preview = await deployer.deploy(request, command);
    if (preview) await answer(preview);
  },
} satisfies CommandFile;
