-- Gives no slots of a lane for a while; of two holds the longer one counts.
--
-- KEYS[1] the lane's hold (a string: until when there are no slots, ms since 1970)
-- ARGV[1] for how many ms
-- Result: until when
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local heldUntil = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now + ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', heldUntil), 'PX', math.max(1, math.ceil(heldUntil - now)))
return heldUntil
