-- Ends a command. Its key stays, so that the same command counts once, unless it is to be free.
--
-- KEYS[1] the command (a hash)
-- KEYS[2] unfinished commands (a zset: id by arrival)
-- KEYS[3] keys of ended commands (a zset: key by when its command was given)
-- ARGV[1] its id
-- ARGV[2] 1: its key is free
-- Result: 1 ended, 0 it had ended before
local key, at = unpack(redis.call('HMGET', KEYS[1], 'key', 'at'))
if not key then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
if ARGV[2] == '1' then
  redis.call('DEL', key)
else
  redis.call('ZADD', KEYS[3], at, key)
end
return 1
