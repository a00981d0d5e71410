-- Drops the statuses of old deployments that are not ours. Those that are ours by now are left to their records.
--
-- KEYS[1] deployments with untold statuses (a hash, see record-statuses.lua)
-- KEYS[2] deployments by when the last group came that had new statuses of theirs (a zset; see there)
-- ARGV[1] only those whose last group came before this, ms since 1970
-- ARGV[2] at most so many
-- ARGV[3] what the keys of statuses begin with; the name of their deployment follows
-- ARGV[4] what the keys of the indexes by GitHub's id begin with; the same name follows
-- ARGV[5] and those of its mirrors
-- Result: how many were old, and how many of them were dropped; the others are not looked at again
local names = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
local dropped = 0
for _, name in ipairs(names) do
  redis.call('ZREM', KEYS[2], name)
  if redis.call('EXISTS', ARGV[4] .. name, ARGV[5] .. name) == 0 then
    local statuses = redis.call('HGETALL', ARGV[3] .. name)
    for i = 1, #statuses, 2 do
      local id = string.match(statuses[i], '^(.*):claims$')
      if id then redis.call('ZREM', statuses[i + 1], id .. ' ' .. name) end
    end
    redis.call('UNLINK', ARGV[3] .. name)
    redis.call('HDEL', KEYS[1], name)
    dropped = dropped + 1
  end
end
return { #names, dropped }
