// Numbers, and how they are shown.
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The value below which the share `q` of the values lies. They must be sorted. */
export const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length % 2 === 1
    ? sorted[(sorted.length - 1) / 2]
    : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
};

/**
 * The median of the ratios of the rounds: what slowed a round down slowed both down. `of` and `by` have a value each a
 * round.
 */
export const ratio = (of, by) => median(of.map((value, round) => value / by[round]));

const digits = (value) => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
const number = (value) =>
  value.toLocaleString('en', { maximumFractionDigits: digits(value), minimumFractionDigits: digits(value) });

/** `12.3 (11.0–14.2)`: the median, the least and the most. */
function spread(values) {
  if (!values || values.length === 0) return '–';
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values.length === 1 ? number(values[0]) : `${number(median(values))} (${number(least)}–${number(most)})`;
}

function times(of = [], by = []) {
  const found = ratio(of, by);
  return Number.isFinite(found) ? `${number(found)} ×` : '–';
}

/**
 * `rows`: `{ name, <column>: values… }`, a value a round. `floors`: which row is divided by which. `notes` come below.
 */
export function printTable({ title, columns, rows, comparisons = [], notes = [] }) {
  const named = new Map(rows.map((row) => [row.name, row]));
  const cells = rows.map((row) => [`  ${row.name}`, ...columns.map((column) => spread(row[column]))]);
  for (const [of, by] of comparisons) {
    const [a, b] = [named.get(of), named.get(by)];
    cells.push([`  ${of} ÷ ${by}`, ...columns.map((column) => times(a[column], b[column]))]);
  }
  const all = [[title, ...columns], ...cells];
  const widths = all[0].map((_, index) => Math.max(...all.map((line) => line[index].length)));
  console.log('');
  for (const line of all) {
    const [first, ...others] = line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
    console.log([first, ...others].join('   ').trimEnd());
  }
  for (const note of notes) console.log(`  ${note}`);
}

/** Targets are aims, not assertions: a busy machine misses them too. `unit`: what `found` is in, a ratio where it is left out. */
export function printTargets(targets) {
  if (targets.length === 0) return;
  console.log('\nTargets');
  const width = Math.max(...targets.map(({ what }) => what.length));
  for (const { what, isMet, found, unit = '×' } of targets) {
    console.log(`  ${what.padEnd(width)}   ${isMet ? 'met' : 'missed'}: ${number(found)} ${unit}`);
  }
}

export function heading({ folder, size }) {
  const [cpu] = os.cpus();
  const version = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
  console.log(
    `Deckhand ${version}, Node ${process.versions.node}, ${os.cpus().length} × ${cpu?.model.trim()}, ${os.type()}`,
  );
  console.log(
    `Load on the machine before: ${number(os.loadavg()[0])}. Writing 4 kB and waiting for the disk: ${number(fsyncMs(folder))} ms.`,
  );
  console.log(
    `${size.rounds} rounds, ${size.manyRounds} of webhooks, ${size.fewRounds} of what takes long, every server in each: the median (least–most).`,
  );
}

/** What the disk takes to confirm a small write: every acknowledgement waits at least as long for its turn. */
function fsyncMs(folder) {
  const file = openSync(path.join(folder, 'fsync'), 'w');
  const block = Buffer.alloc(4_096, 1);
  const took = Array.from({ length: 100 }, () => {
    const begun = performance.now();
    writeSync(file, block);
    fsyncSync(file);
    return performance.now() - begun;
  });
  closeSync(file);
  return median(took);
}
