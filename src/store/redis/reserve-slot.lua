-- Takes the next free slot of a lane (the generic cell rate algorithm).
--
-- KEYS[1] the lane (a string: when it will be as free as after a quiet time, ms since 1970)
-- KEYS[2] the lane's hold (a string: until when there are no slots, ms since 1970)
-- ARGV[1] ms from slot to slot
-- ARGV[2] how many slots there are at once after a quiet time
-- Result: how many ms the slot is away
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local every, ahead = tonumber(ARGV[1]), (ARGV[2] - 1) * ARGV[1]
local free = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local heldUntil = tonumber(redis.call('GET', KEYS[2]) or 0)
-- After a hold the slots come one by one.
if heldUntil > now then free = math.max(free, heldUntil + ahead) end
redis.call('SET', KEYS[1], string.format('%.0f', free + every), 'PX', math.ceil(free + every - now))
return math.ceil(math.max(0, free - ahead - now))
