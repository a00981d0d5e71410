-- The caller's slot of a lane: the one that is kept for it, else the next free one (the generic cell rate algorithm).
--
-- KEYS[1] the lane (a string: when it will be as free as after a quiet time, ms since 1970)
-- KEYS[2] the lane's hold (a string: until when there are no slots, ms since 1970)
-- KEYS[3] the caller's slot (a string: when it is, ms since 1970)
-- ARGV[1] ms from slot to slot
-- ARGV[2] how many slots there are at once after a quiet time
-- ARGV[3] for how many ms a slot is kept that nobody comes for
-- Result: how many ms the slot is away; 0: now, and it is used up
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local every, ahead = tonumber(ARGV[1]), (ARGV[2] - 1) * ARGV[1]
local heldUntil = tonumber(redis.call('GET', KEYS[2]) or 0)
local at = tonumber(redis.call('GET', KEYS[3]) or 0)
local isKept = at > 0 and at >= heldUntil

if not isKept then
  local free = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
  -- After a hold the slots come one by one.
  if heldUntil > now then free = math.max(free, heldUntil + ahead) end
  redis.call('SET', KEYS[1], string.format('%.0f', free + every), 'PX', math.ceil(free + every - now))
  at = free - ahead
end

if at <= now then
  redis.call('DEL', KEYS[3])
  return 0
end
if not isKept then
  redis.call('SET', KEYS[3], string.format('%.0f', at), 'PX', math.ceil(at - now + ARGV[3]))
end
return math.ceil(at - now)
