-- Reads the oldest untold status that claims a request.
--
-- KEYS[1] what claims it (a zset: `<id> <name>` by deployment)
-- ARGV[1] what the keys of statuses begin with; the name of their deployment follows
-- Result: its facts, or nothing
local first = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
if not first then return false end
local id, name = string.match(first, '^(%S+) (.*)$')
return redis.call('HGET', ARGV[1] .. name, id)
