-- Replaces a line of a deployment's notes in its place, or adds it.
--
-- KEYS[1] its notes (a hash: place in the order, a blank, and the line, by key)
-- ARGV[1] the note's key
-- ARGV[2] the line
-- Result: 1
local old = redis.call('HGET', KEYS[1], ARGV[1])
local place = old and string.match(old, '^%d+') or redis.call('HLEN', KEYS[1])
redis.call('HSET', KEYS[1], ARGV[1], place .. ' ' .. ARGV[2])
return 1
