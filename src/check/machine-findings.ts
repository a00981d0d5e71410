import { about, type Finding } from './finding.ts';

const { ok, wrong } = about('Machine');

export interface MachineFacts {
  /** `20.19.0`. */
  node: string;
  /** How far this machine's clock is ahead of whose, in ms, below 0: behind. Without whoever has not answered. */
  ahead: readonly { of: string; ms: number }[];
}

/** package.json says the same to npm, which only warns. */
const oldestNode = [20, 19];
/** GitHub takes an App's signature up to a minute off, Slack and we one of five minutes. */
const mostSkewMs = 60_000;

/** What to say of the machine. */
export function machineFindings({ node, ahead }: MachineFacts): Finding[] {
  return [nodeFinding(node), ...clockFinding(ahead)];
}

function nodeFinding(node: string): Finding {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [oldMajor = 0, oldMinor = 0] = oldestNode;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return ok(`Node ${node}`);
  return wrong(`Node ${node}`, 'What the bot is made of needs 20.19 or newer', 'Install a newer Node');
}

function clockFinding(ahead: MachineFacts['ahead']): Finding[] {
  const [first, ...others] = ahead;
  if (!first) return [];
  const { of, ms } = others.reduce((most, one) => (Math.abs(one.ms) > Math.abs(most.ms) ? one : most), first);
  if (Math.abs(ms) <= mostSkewMs)
    return [ok(`its clock agrees with that of ${ahead.map((one) => one.of).join(' and ')}`)];
  const off = `Its clock is ${Math.round(Math.abs(ms) / 1000)} s ${ms > 0 ? 'ahead of' : 'behind'} that of ${of}`;
  return [
    wrong(
      off,
      'Signatures are refused, by GitHub, by Slack and by the bot',
      'Set the clock by NTP (timedatectl set-ntp true)',
    ),
  ];
}
