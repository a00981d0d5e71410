-- Inserts or replaces a deployment, and its places in the indexes.
--
-- KEYS[1] the deployment (a hash; `indexes` are the keys of those it is in, a line each; `statuses`, once GitHub has
--         given it an id, names its statuses)
-- KEYS[2] unfinished deployments (a zset: request by when it was asked for)
-- KEYS[3] deployments that are over (a zset: request by when it was last saved)
-- KEYS[4] unfinished deployments of its repository that rooms do not only read along with (a zset, as KEYS[2])
-- KEYS[5…] indexes that it is to be in (zsets: request by a number)
-- ARGV[1] its request
-- ARGV[2] its facts
-- ARGV[3] 1: unfinished
-- ARGV[4] when it was asked for, ms since 1970
-- ARGV[5] now, ms since 1970
-- ARGV[6] what its statuses are called, or nothing
-- ARGV[7] how many indexes there are
-- ARGV[8] 1: a room only reads along with it
-- ARGV[9…] its number in each of them
-- Result: 1
local request = ARGV[1]
local count = tonumber(ARGV[7])
local indexes = {}
for i = 1, count do
  indexes[i] = KEYS[4 + i]
  indexes[KEYS[4 + i]] = true
end
for index in string.gmatch(redis.call('HGET', KEYS[1], 'indexes') or '', '[^\n]+') do
  if not indexes[index] then redis.call('ZREM', index, request) end
end
for i = 1, count do
  redis.call('ZADD', indexes[i], ARGV[8 + i], request)
end
redis.call('HSET', KEYS[1], 'facts', ARGV[2], 'indexes', table.concat(indexes, '\n'), 'statuses', ARGV[6])
if ARGV[3] == '1' then
  redis.call('ZADD', KEYS[2], ARGV[4], request)
  redis.call('ZREM', KEYS[3], request)
else
  redis.call('ZREM', KEYS[2], request)
  redis.call('ZADD', KEYS[3], ARGV[5], request)
end
if ARGV[3] == '1' and ARGV[8] ~= '1' then
  redis.call('ZADD', KEYS[4], ARGV[4], request)
else
  redis.call('ZREM', KEYS[4], request)
end
return 1
