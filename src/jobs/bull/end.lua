--[[
  A run has ended: its job is due when the run said or when it was woken meanwhile, whichever is earlier, or it is over.

    KEYS[1]  the job, see wake.lua

    ARGV[1]  the ticket
    ARGV[2]  what the run is called
    ARGV[3]  when the job is wanted again, ms since 1970, or ''
    ARGV[4]  how often it has failed in a row

  Result:
    'again', due   the ticket has to come up again then
    'over'         the ticket is of no more use
    'lost'         another process runs the job now, and has the ticket
]]
local due, ticket, run = unpack(redis.call('HMGET', KEYS[1], 'due', 'ticket', 'run'))
if ticket ~= ARGV[1] then
  return { 'over' }
end
if run and run ~= ARGV[2] then
  return { 'lost' }
end
if run then
  if ARGV[3] ~= '' and (not due or tonumber(ARGV[3]) < tonumber(due)) then
    due = ARGV[3]
  end
  if not due then
    redis.call('DEL', KEYS[1])
    return { 'over' }
  end
  redis.call('HSET', KEYS[1], 'due', due, 'attempt', ARGV[4])
  redis.call('HDEL', KEYS[1], 'run')
end
-- Without a run it was asked before, and the answer was lost.
return { 'again', due }
