-- Keeps how far the telling of a status has come that was recorded.
--
-- KEYS[1] the statuses of its deployment (a hash, see record-statuses.lua)
-- KEYS[2] deployments with untold statuses (a hash, see record-statuses.lua)
-- ARGV[1] its id
-- ARGV[2] its telling
-- ARGV[3] 1: it is told or given up; else 0
-- ARGV[4] the name of its deployment, which begins with that one's id and a colon
-- Result: how many statuses of that deployment are untold now; -1 where the status is not there
local id, done = ARGV[1], ARGV[3] == '1'
local facts, telling, claims = unpack(redis.call('HMGET', KEYS[1], id, id .. ':telling', id .. ':claims'))
if not facts then
  -- Never recorded, dropped by another process, or lost with a server that a replica took over from.
  if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('HDEL', KEYS[2], ARGV[4]) end
  return -1
end
local wasDone = telling and string.sub(telling, 1, 1) == '1' or false
redis.call('HSET', KEYS[1], id .. ':telling', ARGV[3] .. ARGV[2])
if done == wasDone then return tonumber(redis.call('HGET', KEYS[1], 'untold')) end

local untold = redis.call('HINCRBY', KEYS[1], 'untold', done and -1 or 1)
if untold == 0 then
  redis.call('HDEL', KEYS[2], ARGV[4])
else
  redis.call('HSETNX', KEYS[2], ARGV[4], facts)
end
if claims and done then redis.call('ZREM', claims, id .. ' ' .. ARGV[4]) end
if claims and not done then redis.call('ZADD', claims, string.match(ARGV[4], '^%d+'), id .. ' ' .. ARGV[4]) end
return untold
