--[[
  A ticket came up: begins its job's next run, if that is what is wanted now.

    KEYS[1]  the job, see wake.lua

    ARGV[1]  the ticket
    ARGV[2]  what the run is called if it begins
    ARGV[3]  now, ms since 1970

  Result:
    'run', attempt         it runs
    'early', due           it is wanted later, and this ticket has to come up then
    'other', ticket, due   that ticket is the job's, and must be added unless it is there; this one is of no more use
    'over'                 nothing is wanted
]]
local due, ticket, run, attempt = unpack(redis.call('HMGET', KEYS[1], 'due', 'ticket', 'run', 'attempt'))
if not ticket then
  return { 'over' }
end
if ticket ~= ARGV[1] then
  return { 'other', ticket, due or ARGV[3] }
end
if run == ARGV[2] then
  -- Asked again, because the answer was lost.
  return { 'run', attempt }
end
if not run and tonumber(due) > tonumber(ARGV[3]) then
  return { 'early', due }
end
-- Where a run is there it was another process's, whose lock on the ticket is gone.
redis.call('HSET', KEYS[1], 'run', ARGV[2])
redis.call('HDEL', KEYS[1], 'due')
return { 'run', redis.call('HINCRBY', KEYS[1], 'attempt', 1) }
