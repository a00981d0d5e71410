// Everything there is to check, in the order in which it is cheapest to hear of trouble; ends with one line that counts.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const report = path.join(root, 'test', '.report.json');
const bin = (name) => path.join(root, 'node_modules', '.bin', name);

const checks = [
  { name: 'format and lint', run: [bin('biome'), 'ci', '.'] },
  { name: 'types', run: [bin('tsc'), '--project', 'tsconfig.json'] },
  { name: 'types of the tests', run: [bin('tsc'), '--project', 'test/tsconfig.json'] },
];

rmSync(report, { force: true });
const failed = checks.filter(({ name, run: [command, ...args] }) => {
  console.log(`\n== ${name}`);
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status !== 0;
});

console.log('\n== tests');
const suites = [
  'run',
  '--config',
  'test/vitest.config.ts',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
];
const tests = spawnSync(bin('vitest'), [...suites, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });

const counted = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
for (const { name } of failed) console.log(`failed: ${name}`);
if (!counted) console.log('failed: the tests did not report');
const passedTests = counted?.numPassedTests ?? 0;
const skippedTests = (counted?.numPendingTests ?? 0) + (counted?.numTodoTests ?? 0);
const failedSuites = counted
  ? counted.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0).length
  : 1;
const failedTests = (counted?.numFailedTests ?? 0) + failedSuites;

/** What some suites need besides Node and git. */
const needs = [
  { what: 'the suites on a real Redis', program: 'redis-server', install: 'apt-get install redis-server' },
  { what: 'the suites in a real browser', program: '/usr/bin/chromium', install: 'apt-get install chromium' },
];
for (const { what, program, install } of needs) {
  if (spawnSync(program, ['--version']).status !== 0) {
    console.log(`not run: ${what}, since ${path.basename(program)} is not installed (${install})`);
  }
}

const everyTestRan = skippedTests === 0 || process.env.TEST_ALL !== '1';
if (!everyTestRan) console.log('failed: TEST_ALL=1 and some tests did not run');
const allFailed = failedTests + failed.length + (everyTestRan ? 0 : 1);
const ok = allFailed === 0 && tests.status === 0 && passedTests > 0;
console.log(
  `\n${passedTests + checks.length - failed.length} passed, ${ok ? 0 : Math.max(1, allFailed)} failed, ${skippedTests} skipped`,
);
process.exit(ok ? 0 : 1);
