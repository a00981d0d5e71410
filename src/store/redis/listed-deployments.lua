-- Reads the deployments of an index, the highest number first.
--
-- KEYS[1] the index (a zset: request by a number)
-- ARGV[1] what the keys of deployments begin with
-- ARGV[2] at most so many
-- Result: their facts
local found = {}
if tonumber(ARGV[2]) < 1 then return found end
for _, request in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, ARGV[2] - 1)) do
  found[#found + 1] = redis.call('HGET', ARGV[1] .. request, 'facts')
end
return found
