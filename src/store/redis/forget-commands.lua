-- Drops keys of commands that have ended.
--
-- KEYS[1] keys of ended commands (a zset: key by when its command was given)
-- ARGV[1] those given before this are dropped, ms since 1970
-- ARGV[2] at most so many
-- Result: how many were dropped
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
for _, key in ipairs(old) do
  redis.call('DEL', key)
  redis.call('ZREM', KEYS[1], key)
end
return #old
