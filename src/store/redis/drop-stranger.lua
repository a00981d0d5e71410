-- Drops the statuses of a deployment that is not ours. One that is ours by now is left to its record.
--
-- KEYS[1] the statuses of the deployment (a hash, see record-status.lua)
-- KEYS[2] our deployments of that id (a zset; there is none where it is not ours)
-- KEYS[3] deployments with untold statuses (a hash: where they are, by name)
-- KEYS[4] deployments by when their newest status came (a zset)
-- ARGV[1] the deployment's name
-- ARGV[2] only if its newest status came before this, ms since 1970
-- Result: 1 dropped, 0 left
local came = redis.call('ZSCORE', KEYS[4], ARGV[1])
if not came or tonumber(came) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZREM', KEYS[4], ARGV[1])
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end

local statuses = redis.call('HGETALL', KEYS[1])
for i = 1, #statuses, 2 do
  local id = string.match(statuses[i], '^(.*):claims$')
  if id then redis.call('ZREM', statuses[i + 1], id .. ' ' .. ARGV[1]) end
end
redis.call('UNLINK', KEYS[1])
redis.call('HDEL', KEYS[3], ARGV[1])
return 1
