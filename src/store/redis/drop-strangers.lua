-- Drops the statuses of deployments that are not ours. Those that are ours by now are left to their records.
--
-- KEYS[1] deployments with untold statuses (a hash: where they are, by name)
-- KEYS[2] deployments by when their newest status came (a zset)
-- KEYS[3n] of the n-th: the statuses of the deployment (a hash, see record-statuses.lua)
-- KEYS[3n + 1] our deployments of that id (a zset; there is none where it is not ours)
-- KEYS[3n + 2] its mirrors (a zset; there is none where no room reads along)
-- ARGV[1] only if its newest status came before this, ms since 1970
-- ARGV[1 + n] the deployment's name
-- Result: how many were dropped
local dropped = 0
for n = 1, #ARGV - 1 do
  local name, statusesKey = ARGV[1 + n], KEYS[3 * n]
  local came = redis.call('ZSCORE', KEYS[2], name)
  if came and tonumber(came) < tonumber(ARGV[1]) then
    redis.call('ZREM', KEYS[2], name)
    if redis.call('EXISTS', KEYS[3 * n + 1], KEYS[3 * n + 2]) == 0 then
      local statuses = redis.call('HGETALL', statusesKey)
      for i = 1, #statuses, 2 do
        local id = string.match(statuses[i], '^(.*):claims$')
        if id then redis.call('ZREM', statuses[i + 1], id .. ' ' .. name) end
      end
      redis.call('UNLINK', statusesKey)
      redis.call('HDEL', KEYS[1], name)
      dropped = dropped + 1
    end
  end
end
return dropped
