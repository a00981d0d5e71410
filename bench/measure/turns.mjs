/** Columns that the results of a run of load have. */
export const columns = ['req/s', 'p50 ms', 'p99 ms', 'CPU µs'];
/** Where some servers have a Redis that works for them: its CPU time a request beside theirs. */
export const columnsWithRedis = [...columns, 'Redis µs'];

/**
 * A row of the table, to be filled. `sent` counts requests, those that are not measured included; `restMs` is how long the
 * server worked on after its last answer.
 */
export const row = (name) => ({
  name,
  ...Object.fromEntries(columnsWithRedis.map((column) => [column, []])),
  restMs: [],
  sent: 0,
});

/**
 * Gives every contestant its turn in every round, in alternating order, each alone: the next begins when the one before
 * has finished what it does after its answers. Rounds that are not counted come first (`uncounted`): until their code is
 * compiled, servers are several times slower. `contestants`: `{ row, turn }`. Answers how busy the load generator was.
 */
export async function inRounds(rounds, contestants, { uncounted = 1 } = {}) {
  let busiest = 0;
  for (let round = 0; round < uncounted + rounds; round++) {
    for (const { row, turn } of round % 2 === 0 ? contestants : contestants.toReversed()) {
      const found = await turn();
      row.sent += found.sent;
      if (round < uncounted) continue;
      row['req/s'].push(found.rate);
      row['p50 ms'].push(found.p50);
      row['p99 ms'].push(found.p99);
      row['CPU µs'].push(found.cpu);
      if (found.storeCpu !== undefined) row['Redis µs'].push(found.storeCpu);
      row.restMs.push(found.restMs);
      busiest = Math.max(busiest, found.generator);
    }
  }
  return busiest;
}

/** Said where the load generator may have been the slower one. */
export const generatorNote = (busiest) =>
  busiest > 0.9
    ? [`The load generator took ${Math.round(busiest * 100)} % of a processor: fast servers may be faster than shown.`]
    : [];
