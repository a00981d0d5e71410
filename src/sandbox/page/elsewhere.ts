import type { Repository, SandboxGitHub } from '../github/server.ts';

/** Who deploys by some other tool. */
const somebodyElse = 'carol';

/** Somebody else deploys the default branch to production, and says nothing in the chat. */
export async function deployFromElsewhere(github: SandboxGitHub, { fullName }: Repository): Promise<void> {
  await github.addDeployment(fullName, {
    environment: 'production',
    by: somebodyElse,
    description: 'By another tool',
  });
}
