-- Stores a status, once. Every webhook waits for it.
--
-- KEYS[1] the statuses of its deployment (a hash: facts by id; `<id>:telling`, after a 1 where it is done,
--         else a 0; `<id>:claims`, the key of KEYS[4]; and `untold`, how many are not done)
-- KEYS[2] deployments with untold statuses (a hash: where they are, by name)
-- KEYS[3] deployments by when their newest status came (a zset; until `forget` sees that one is ours)
-- KEYS[4] what claims the same request (a zset: `<id> <name>` by deployment); only where it claims one
-- ARGV[1] its id
-- ARGV[2] its facts
-- ARGV[3] the name of its deployment
-- ARGV[4] where it is: repository, deployment, and claim if any
-- ARGV[5] when it came, ms since 1970
-- ARGV[6] its deployment's id
-- Result: 1 new, 0 known
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], 'untold', 1)
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[3])
if KEYS[4] then
  redis.call('HSET', KEYS[1], ARGV[1] .. ':claims', KEYS[4])
  redis.call('ZADD', KEYS[4], ARGV[6], ARGV[1] .. ' ' .. ARGV[3])
  redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
else
  redis.call('HSETNX', KEYS[2], ARGV[3], ARGV[4])
end
return 1
