-- Drops a deployment that is over, with its statuses and notes and all that leads to them.
--
-- KEYS[1] the deployment (a hash, see save-deployment.lua)
-- KEYS[2] its notes
-- KEYS[3] deployments that are over (a zset: request by when it was last saved)
-- KEYS[4] deployments with untold statuses (a hash, see record-statuses.lua)
-- KEYS[5] deployments by when the last group came that had new statuses of theirs (a zset)
-- ARGV[1] its request
-- ARGV[2] only if it was last saved before this, ms since 1970
-- ARGV[3] what the keys of statuses begin with; the name of their deployment follows
-- ARGV[4] what the keys of the indexes by GitHub's id begin with; the same name follows
-- ARGV[5] and those of its mirrors
-- Result: 1 dropped, 0 it was saved since
local saved = redis.call('ZSCORE', KEYS[3], ARGV[1])
if not saved or tonumber(saved) >= tonumber(ARGV[2]) then return 0 end
local indexes, name = unpack(redis.call('HMGET', KEYS[1], 'indexes', 'statuses'))
for index in string.gmatch(indexes or '', '[^\n]+') do
  redis.call('ZREM', index, ARGV[1])
end
redis.call('UNLINK', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[1])

-- Two hosts may have given the same id, and other rooms read along: then the statuses are still somebody's.
if name and name ~= '' and redis.call('EXISTS', ARGV[4] .. name, ARGV[5] .. name) == 0 then
  local statuses = redis.call('HGETALL', ARGV[3] .. name)
  for i = 1, #statuses, 2 do
    local id = string.match(statuses[i], '^(.*):claims$')
    if id then redis.call('ZREM', statuses[i + 1], id .. ' ' .. name) end
  end
  redis.call('UNLINK', ARGV[3] .. name)
  redis.call('HDEL', KEYS[4], name)
  redis.call('ZREM', KEYS[5], name)
end
return 1
